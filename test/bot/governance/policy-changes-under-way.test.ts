import { afterEach, beforeEach, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { startFakeModel } from '../../support/fake-model.ts';
import { ask, giveTask, pressCard, readAnswer, textOf, until, waitForCard, waitForDone, waitForTaskText } from '../../support/telling.ts';
import { waitForChangeCard } from './changes.ts';
import { DEFAULT_YAML, PUBLISH_T3_YAML, policyInForce, proposeFile, withYaml } from './policies.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const GOAL = 'Publish a post: the office moves to the harbour on Friday';
let app: TestApp;
beforeEach(async () => {
  app = await startTestApp();
});
afterEach(() => app?.close());

async function putInForce(yaml: string): Promise<string> {
  const { reference } = await proposeFile(app, olivia.id, yaml);
  const card = await waitForChangeCard(app, reference);
  expect(await pressCard(app, bella.id, card, '✅ Approve')).toContain('It is in force now');
  return card.text;
}

const PUBLISHING = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write the post.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];

const countPosts = (): number => app.telegram.history(CHATS.signals.id).length;

test('a task that waits for approval is asked anew under the new rules: another reference, another tier, two people', async () => {
  const task = await giveTask(app, adam.id, GOAL);
  const before = await waitForCard(app, task);
  expect(before.reference).toMatch(/^T2-/);
  await putInForce(PUBLISH_T3_YAML);
  const after = await waitForCard(app, task, { after: before.reference });
  expect(after.messageId).toBe(before.messageId);
  expect(after.reference).toMatch(/^T3-/);
  expect(after.text).toContain('policy v2');
  expect(after.text).toMatch(/owner waiting/);
  expect(textOf(await ask(app, olivia.id, `/approve ${before.reference} yes`))).toContain(`was replaced by ${after.reference}`);
  expect(await pressCard(app, bella.id, after, 'Approve')).toBe('Counted as operator. Still waiting: owner.');
  expect(countPosts()).toBe(0);
  await pressCard(app, olivia.id, after, 'Approve');
  await waitForDone(app, task);
  expect(countPosts()).toBe(1);
  expect(readAnswer(app, await ask(app, adam.id, `/why ${task.taskId}`))).toContain('policy version 2 came into force');
});

test('a task that runs across the change ends under the rules that it began under', async () => {
  await using model = await startFakeModel();
  await app.close();
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
  model.script('plan', { kind: 'value', value: { nodes: PUBLISHING, summary: 'A post.' } });
  // The change is through long before the model has answered.
  model.script('draft', { kind: 'slow', delayMs: 8_000 });
  const drafts = model.count('draft');
  const task = await giveTask(app, adam.id, GOAL);
  await until(() => model.count('draft') > drafts, { what: 'the model to be asked for the draft' });
  await putInForce(PUBLISH_T3_YAML);
  const card = await waitForCard(app, task);
  expect(card.reference).toMatch(/^T2-/);
  expect(card.text).toContain('policy v1');
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, task);
  const [row] = await app.sql('select policy_version, risk_tier from public.tasks where task_id = $1', [task.taskId]);
  expect(row).toEqual({ policy_version: 1, risk_tier: 'T2' });
}, 60_000);

test('what the new rules do not allow any more ends and says so', async () => {
  const task = await giveTask(app, adam.id, GOAL);
  const card = await waitForCard(app, task);
  await putInForce(withYaml(['T2: ["PUBLISH", "SOCIAL_POST"]', 'T2: ["SOCIAL_POST"]']));
  expect(await waitForTaskText(app, task, '❌ failed')).toContain('policy version 2 allows no PUBLISH');
  expect((await waitForCard(app, task, { says: 'nothing more goes out' })).reference).toBe(card.reference);
  expect(countPosts()).toBe(0);
});

test('the backtest on the card counts what past tasks would have met', async () => {
  const task = await giveTask(app, adam.id, GOAL);
  await pressCard(app, bella.id, await waitForCard(app, task), 'Approve');
  await waitForDone(app, task);
  const card = await putInForce(PUBLISH_T3_YAML);
  expect(card).toContain('Tried on the 1 task of the last 30 days: 1 would have been different.');
  expect(card).toContain(`🔒 1 post would have needed the owner: ${task.taskId}.`);
  const { reference } = await proposeFile(app, oscar.id, DEFAULT_YAML);
  const back = await waitForChangeCard(app, reference);
  expect(back.text).toContain('⚠️ PUBLISH goes DOWN from T3 to T2.');
  expect(back.text).toContain(`⚠️ 1 post would have skipped the owner: ${task.taskId}.`);
  expect(await policyInForce(app)).toBe(2);
});
