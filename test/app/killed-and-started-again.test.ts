import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { openWorld, type World } from '../support/program.ts';
import {
  giveTask,
  listPublished,
  listReplies,
  pressCard,
  textOf,
  until,
  waitForCard,
  waitForDone,
  waitForTask,
} from '../support/telling.ts';

const { adam, bella } = PERSONAS;

let model: FakeModel;
let world: World;
beforeAll(async () => {
  model = await startFakeModel();
  world = await openWorld({ OPENAI_BASE_URL: model.baseUrl });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model.close();
});

async function kill(program: Awaited<ReturnType<World['start']>>): Promise<void> {
  program.signal('SIGKILL');
  await program.ended;
}

test('between storing a batch and asking for the next one: the task exists once, and it is answered', async () => {
  const { telegram } = world;
  const first = await world.start();
  await telegram.waitFor(({ calls }) =>
    calls('getUpdates').some(({ params, answeredAt }) => params.timeout === 30 && answeredAt === undefined),
  );
  telegram.failNext({ method: 'getUpdates', as: 'drop-before', times: 1_000 });
  const asked = telegram.say(adam.id, adam.id, '/task Summarise the opening hours');
  // The next offset is on its way, and Telegram has not taken note of it.
  await telegram.waitFor(({ calls }) => calls('getUpdates').some(({ injected }) => injected !== undefined));
  await kill(first);
  expect(telegram.pendingUpdates()).toHaveLength(1);
  telegram.clearFailures();
  expect(await world.look((sql) => sql('select external_id from public.inbox'))).toEqual([
    { external_id: String(telegram.pendingUpdates()[0]?.update_id) },
  ]);

  const second = await world.start();
  const task = await waitForTask(world, asked);
  await until(() => listReplies(world, asked).some((message) => textOf(message).includes('✅ done')), { timeoutMs: 20_000 });
  await kill(second);
  expect(telegram.pendingUpdates()).toHaveLength(0);
  const found = await world.look((sql) =>
    sql('select task_id, status, (select count(*)::int from public.inbox) as updates from public.tasks'),
  );
  expect(found).toEqual([{ task_id: task.taskId, status: 'done', updates: 1 }]);
}, 60_000);

test('in the middle of a step: the next process goes on with it at once, not when its lease runs out', async () => {
  const first = await world.start();
  model.script('findings', { kind: 'hang' });
  const before = model.count('findings');
  const task = await giveTask(world, adam.id, 'Summarise the holidays');
  await until(() => model.count('findings') > before);
  await kill(first);
  const [row] = await world.look((sql) =>
    sql("select count(*)::int as count from public.task_steps where task_id = $1 and status = 'running' and lease_expires_at > now()", [
      task.taskId,
    ]),
  );
  expect(row).toEqual({ count: 1 });

  const startedAt = performance.now();
  const second = await world.start();
  await waitForDone(world, task);
  expect(performance.now() - startedAt).toBeLessThan(30_000);
  expect(listReplies(world, task.request).filter((message) => message.message_id !== task.messageId)).toHaveLength(1);
  await kill(second);
}, 60_000);

test('after Telegram took the post and before it said so: people are asked, and nothing is posted twice', async () => {
  const { telegram } = world;
  const first = await world.start();
  model.setPlan([
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
    { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Give it its form.' },
  ]);
  const task = await giveTask(world, adam.id, 'Publish a post about the new office');
  const card = await waitForCard(world, task);
  telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { answerDelayMs: 60_000 } });
  await pressCard(world, bella.id, card, 'Approve');
  await telegram.waitFor(() => listPublished(world).length === 1);
  await kill(first);

  await world.start();
  const doubt = await telegram.waitForMessage(CHATS.admin.id, 'Did this post arrive?', { timeoutMs: 15_000 });
  expect(textOf(doubt)).toContain(task.taskId);
  expect(listPublished(world)).toHaveLength(1);
  expect(await telegram.press(bella.id, CHATS.admin.id, doubt.message_id, 'It happened')).toMatchObject({
    text: expect.stringContaining('it happened'),
  });
  await waitForDone(world, task);
  expect(telegram.history(CHATS.admin.id).filter((message) => textOf(message).includes('Settled: it happened'))).toHaveLength(1);
  expect(listPublished(world)).toHaveLength(1);
}, 60_000);
