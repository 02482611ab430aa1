import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { openWorld, type Program, startProgram, type World } from '../support/program.ts';
import {
  giveTask,
  listPublished,
  listReplies,
  pressCard,
  textOf,
  until,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../support/telling.ts';

const { adam, bella } = PERSONAS;
const ROOT = fileURLToPath(new URL('../../', import.meta.url));

let model: FakeModel;
let world: World;
let program: Program & { url: string };
beforeAll(async () => {
  model = await startFakeModel();
  world = await openWorld({ OPENAI_BASE_URL: model.baseUrl });
  program = await world.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model.close();
});

/** Sends the signal and answers with the exit code and how long it took. */
async function end(signal: NodeJS.Signals): Promise<{ code: number | null; tookMs: number }> {
  const startedAt = performance.now();
  program.signal(signal);
  const code = await program.ended;
  return { code, tookMs: performance.now() - startedAt };
}

test('with nothing in hand it ends at once', async () => {
  await world.telegram.waitFor(({ calls }) =>
    calls('getUpdates').some(({ params, answeredAt }) => params.timeout === 30 && answeredAt === undefined),
  );
  const { code, tookMs } = await end('SIGTERM');
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(5_000);
  expect(program.lines.at(-1)).toContain('"msg":"drained"');
  expect(program.stderr()).toBe('');
}, 60_000);

test('through npm, as people start it: npm waits for the program, and gives its exit code', async () => {
  const variables = { ...world.variables, DATA_DIR: join(world.dataDir, 'by-npm') };
  const npm = startProgram(variables, [], { command: ['npm', 'start', '--silent'], cwd: ROOT });
  await npm.started();
  npm.signal('SIGTERM');
  expect(await npm.ended).toBe(0);
  expect(npm.lines.at(-1)).toContain('"msg":"drained"');
}, 60_000);

test.each(['', 'postgres'])(
  'while it is still starting, as soon as there is DATA_DIR/%s',
  async (made) => {
    const dataDir = join(world.dataDir, 'ended-early', made === '' ? 'first' : made);
    const starting = startProgram({ ...world.variables, DATA_DIR: dataDir });
    await until(() => existsSync(join(dataDir, made)), { timeoutMs: 30_000 });
    starting.signal('SIGTERM');
    expect(await starting.ended).toBe(0);
    expect(starting.stderr()).toBe('');
  },
  60_000,
);

test('while a model thinks: the step is handed back and done by the next process; what was written meanwhile is not lost', async () => {
  program = await world.start();
  model.script('findings', { kind: 'hang' });
  const task = await giveTask(world, adam.id, 'Summarise the opening hours');
  await until(() => model.count('findings') > 0);
  const asked = world.telegram.say(bella.id, bella.id, '/tasks');
  const { code, tookMs } = await end('SIGTERM');
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  expect(model.requests.find(({ schemaName }) => schemaName === 'findings')?.isAbandoned).toBe(true);
  program = await world.start();
  await waitForDone(world, task);
  await world.telegram.waitFor(() => listReplies(world, asked).length === 1);
  expect(listReplies(world, task.request).filter((message) => message.message_id !== task.messageId)).toHaveLength(1);
}, 60_000);

test('while a post is on its way: its answer is waited for, so that nobody has to be asked', async () => {
  model.setPlan([
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
    { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Give it its form.' },
  ]);
  const task = await giveTask(world, adam.id, 'Publish a post about the new office');
  const card = await waitForCard(world, task);
  world.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { answerDelayMs: 1_500 } });
  await pressCard(world, bella.id, card, 'Approve');
  await world.telegram.waitFor(() => listPublished(world).length === 1);
  const { code, tookMs } = await end('SIGINT');
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  program = await world.start();
  await waitForTaskText(world, task, /✅ done|may have been sent/);
  await waitForDone(world, task);
  expect(listPublished(world)).toHaveLength(1);
  expect(world.telegram.history(CHATS.admin.id).filter((message) => textOf(message).includes('Did this post arrive?'))).toEqual([]);
}, 60_000);

test('with a model that hangs and a Telegram that hangs it still ends in time', async () => {
  model.setPlan([
    { id: 'research', agent: 'researcher', action: 'RESEARCH', after: [], instruction: 'Look.' },
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: ['research'], instruction: 'Write it.' },
  ]);
  const before = model.count('findings');
  model.script('findings', { kind: 'hang' });
  const task = await giveTask(world, adam.id, 'Summarise the canteen rules');
  await until(() => model.count('findings') > before);
  world.telegram.failNext({ method: 'sendMessage', chatId: bella.id, as: { answerDelayMs: 60_000 } });
  const asked = world.telegram.say(bella.id, bella.id, '/tasks');
  await world.telegram.waitFor(() => listReplies(world, asked).length === 1);
  const { code, tookMs } = await end('SIGTERM');
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(10_000);
  program = await world.start();
  await waitForDone(world, task);
  const { code: again } = await end('SIGTERM');
  expect(again).toBe(0);
}, 60_000);

test('with everything hanging at once the waits do not add up: the handling, the last word to Telegram, a half-sent request', async () => {
  program = await world.start();
  world.telegram.failNext({ method: 'sendMessage', chatId: bella.id, as: { answerDelayMs: 60_000 } });
  const asked = world.telegram.say(bella.id, bella.id, '/tasks');
  await world.telegram.waitFor(() => listReplies(world, asked).length === 1);
  const isPolling = () =>
    world.telegram.calls('getUpdates').some(({ params, answeredAt }) => params.timeout === 30 && answeredAt === undefined);
  await world.telegram.waitFor(isPolling);
  world.telegram.failNext({ method: 'getUpdates', as: { answerDelayMs: 60_000 } });
  const halfSent = connect(Number(new URL(program.url).port), '127.0.0.1');
  halfSent.on('error', () => undefined);
  await once(halfSent, 'connect');
  halfSent.write('POST /sandbox HTTP/1.1\r\nhost: localhost\r\n');
  const { code, tookMs } = await end('SIGTERM');
  halfSent.destroy();
  expect(code).toBe(0);
  expect(tookMs).toBeLessThan(9_500);
}, 60_000);
