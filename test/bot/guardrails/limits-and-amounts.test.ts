import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type FakeModel, startFakeModel } from '../../support/fake-model.ts';
import { ask, giveTask, listPublished, pressCard, readAnswer, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';

const { olivia, oscar, adam, bella, rita } = PERSONAS;
const POST_PLAN = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Give it its form.' },
];

let app: TestApp;
let model: FakeModel;
beforeAll(async () => {
  const policy: unknown = parse(await readFile(new URL('../../../policies/default.yaml', import.meta.url), 'utf8'));
  const rates = { tasks_per_person: { max: 2, per: '1h' }, effects_per_chat: { max: 1, per: '1h' } };
  model = await startFakeModel();
  model.setPlan(POST_PLAN);
  app = await startTestApp({ policy: stringify(Object.assign({}, policy, { rates })), env: { OPENAI_BASE_URL: model.baseUrl } });
});
afterAll(async () => {
  await app.close();
  await model.close();
});

const draft = (text: string) => ({ kind: 'value', value: { text } }) as const;

test('an amount that stands in no source marks the card, whatever the critic says; one that the requester gave does not', async () => {
  // As often as it is sent back it comes again in other words.
  const openings = ['Now', 'Today', 'At last'];
  model.script('draft', ...openings.map((opening) => draft(`${opening}: VIP costs **$49** a month, 29 USDT until Friday.`)));
  const marked = await waitForCard(app, await giveTask(app, adam.id, 'Publish that VIP is 29 USDT until Friday'));
  expect(marked.text).toContain('amount guard: “$49” stands in no source');
  expect(marked.text).not.toContain('“29 USDT”');
  expect(marked.text).toContain('VIP costs $49 a month, 29 USDT until Friday.');
  expect(marked.labels.join()).not.toContain('Approve');
  await ask(app, olivia.id, `/approve ${marked.reference} no the price is wrong`);
  model.script('draft', draft('VIP costs 29 USDT until Friday.'));
  const clean = await giveTask(app, adam.id, 'Publish that VIP is 29 USDT until Friday');
  const card = await waitForCard(app, clean, { says: 'VIP costs 29 USDT until Friday.' });
  expect(card.text).not.toContain('amount guard');
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, clean);
}, 60_000);

test('the task that is one too many is refused with the limit and when it is free again; /stop is not', async () => {
  const refused = textOf(await ask(app, adam.id, '/task Publish one more'));
  expect(refused).toMatch(/^That is one too many: tasks per person, 2 at most\. Free again at .*; \/limits shows all of them\.$/);
  for (let count = 0; count < 3; count += 1) expect(textOf(await ask(app, adam.id, '/stop'))).toContain('STOPPED');
  await ask(app, olivia.id, '/resume');
  expect(textOf(await ask(app, oscar.id, '/resume'))).toContain('RESUMED');
}, 60_000);

test('an approved post that is one too many for its chat waits, and goes out when it is free again', async () => {
  const task = await giveTask(app, bella.id, 'Publish that the office is closed');
  await pressCard(app, oscar.id, await waitForCard(app, task), 'Approve');
  await until(
    async () => (await app.sql(`select 1 from public.audit_logs where chain = $1 and action = 'rate.refuse'`, [task.taskId])).length > 0,
  );
  expect(listPublished(app)).toHaveLength(1);
  const limits = readAnswer(app, await ask(app, rita.id, '/limits'));
  expect(limits).toMatch(/effects per chat: at most 1 in 1 h\n {2}• AGS Signals: 1 used, 🚫 none left, free again at /);
  expect(limits).toContain('Trading: at most 5 % loss a day, 10 % drawdown, 3 positions\n  • no trading account is connected');
  expect(limits).toContain('Payments: at most 500 USDT at once, 30 min between two of one payer\n  • today: 0 USDT');
  expect(limits).not.toContain('you: ');
  // The time passes, and the sweeper finds the step that waits. Its own nudge lies in the queue for the hour that did not pass.
  await app.sql(`update public.rate_windows set opened_at = opened_at - interval '1 hour'`);
  await app.sql(
    `update public.task_steps set not_before = now() - interval '1 minute', woken_at = now() - interval '1 minute', wake_seq = wake_seq + 1 where task_id = $1 and status = 'ready'`,
    [task.taskId],
  );
  await waitForDone(app, task);
  expect(app.telegram.history(CHATS.signals.id).map(textOf)).toHaveLength(2);
}, 60_000);
