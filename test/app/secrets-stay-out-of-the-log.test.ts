import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { openWorld, type World } from '../support/program.ts';
import { ask, giveTask, pressCard, until, waitForCard, waitForTaskText } from '../support/telling.ts';

const { olivia, adam, bella } = PERSONAS;
const KEY = 'sk-test-0123456789abcdefghijklmnop';
const TRADINGVIEW = 'tradingview-shared-word-4711';
const EMAIL = 'ann.secret@example.org';
const PHONE = '+49 151 23456789';

let model: FakeModel;
let world: World;
beforeAll(async () => {
  model = await startFakeModel();
  world = await openWorld({ OPENAI_BASE_URL: model.baseUrl, OPENAI_API_KEY: KEY, TRADINGVIEW_SECRET: TRADINGVIEW, LOG_LEVEL: 'trace' });
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model.close();
});

test('a noisy run, with a Telegram and a model that fail, logs neither secrets nor what belongs to people', async () => {
  const { telegram } = world;
  const program = await world.start();
  model.script('plan', { kind: 'status', status: 401, body: { error: { message: `Incorrect API key provided: ${KEY}` } } });
  const refused = await giveTask(world, adam.id, `Summarise the letter of ${EMAIL} and call ${PHONE}`);
  await waitForTaskText(world, refused, 'failed');
  model.script('findings', { kind: 'text', text: `Not JSON, but ${EMAIL}` }, { kind: 'text', text: `Nor this: ${KEY}` });
  const garbled = await giveTask(world, adam.id, `Summarise the letter of ${EMAIL} again`);
  await waitForTaskText(world, garbled, 'failed');
  model.script('findings', { kind: 'reset' }, { kind: 'reset' }, { kind: 'reset' });
  for (const as of ['drop-before', { status: 500, description: `Internal error at /bot${SANDBOX_BOT.token}/x` }] as const) {
    telegram.failNext({ method: 'sendMessage', chatId: bella.id, as });
    telegram.failNext({ method: 'getUpdates', as });
  }
  await ask(world, bella.id, `/stop because of ${EMAIL}`);
  await ask(world, adam.id, '/resume');
  await ask(world, olivia.id, `/resume ${PHONE} has called`);
  model.setPlan([
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
    { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Give it its form.' },
  ]);
  const task = await giveTask(world, adam.id, `Publish the address ${EMAIL}`);
  const card = await waitForCard(world, task);
  telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: 'drop-after' });
  await pressCard(world, bella.id, card, 'Approve');
  await waitForTaskText(world, task, 'may have been sent');
  await until(() => program.lines.some((line) => line.includes('polling failed')));
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);

  const everything = [...program.lines, program.stderr()].join('\n');
  expect(program.lines.length).toBeGreaterThan(15);
  for (const secret of [SANDBOX_BOT.token, SANDBOX_BOT.token.split(':')[1] ?? '', KEY, TRADINGVIEW, EMAIL, PHONE, '23456789'])
    expect(everything).not.toContain(secret);
  for (const line of program.lines) expect(() => JSON.parse(line)).not.toThrow();
  expect(program.lines.some((line) => line.includes(`"task_id":"${task.taskId}","step_id":"${task.taskId}/`))).toBe(true);
}, 60_000);

test('nor do rows, events and audit records hold what belongs to people', async () => {
  const found = await world.look((sql) =>
    sql(
      `select 'tasks' as place, t::text as text from public.tasks t union all select 'steps', s::text from public.task_steps s
       union all select 'events', e::text from public.events e union all select 'audit', a::text from public.audit_logs a
       union all select 'stops', s::text from public.stops s union all select 'short', s::text from public.short_term s
       union all select 'effects', e::text from public.effects e union all select 'calls', c::text from public.engine_calls c`,
    ),
  );
  expect(found.length).toBeGreaterThan(20);
  for (const secret of [EMAIL, PHONE, KEY])
    expect(
      found.filter(({ text }) => String(text).includes(secret)),
      secret,
    ).toEqual([]);
  // What a model was sent had placeholders in their place.
  expect(model.requests.length).toBeGreaterThan(3);
  // In what it is shown again of its own garbled answer there may be what it made up itself.
  const sent = model.requests.flatMap(({ messages }) => messages.filter(({ role }) => role !== 'assistant'));
  for (const { content } of sent) expect(content).not.toContain(EMAIL);
}, 30_000);
