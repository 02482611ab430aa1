import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { listCards } from '../../../src/store/cards.ts';
import { completeStep } from '../../../src/store/steps.ts';
import { explainTask, findTask, listTaskArtifacts, listTasks, postponeTaskView, recordTaskMessage } from '../../../src/store/tasks.ts';
import { askTask, openStory, planTask, REPLY_PLAN, runToEnd, runUntilKind, sendCard, startTask, toHeld } from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');
const rows = z.array(z.looseObject({}));

test('a task is found in any letters, and lists name the reference that waits', async () => {
  const { taskId, reference } = await askTask(db);
  expect(await findTask(bot, ` ${taskId.toLowerCase()}`)).toMatchObject({
    taskId,
    status: 'awaiting_approval',
    requests: [{ reference, status: 'pending' }],
  });
  expect(await findTask(bot, 'T-2025-01-01-0001')).toBeNull();
  expect(await listTasks(bot, { status: 'awaiting_approval', limit: 5 })).toMatchObject([{ taskId, reference, requester: 'Adam' }]);
  expect(await listTasks(bot, { status: 'expired', limit: 5 })).toEqual([]);
});

test('the task’s message is noted once, and whoever comes later is told which one counts', async () => {
  const taskId = await startTask(db);
  expect(await recordTaskMessage(bot, taskId, 41)).toEqual({ messageId: 41 });
  expect(await recordTaskMessage(bot, taskId, 42)).toEqual({ messageId: 41 });
  expect(await findTask(bot, taskId)).toMatchObject({ messageId: 41 });
  expect((await postponeTaskView(worker, taskId, 0)).deliver).toMatchObject([{ job: 'task.show', id: taskId }]);
  expect((await postponeTaskView(worker, taskId, 0)).deliver).toEqual([]);
});

test('/why tells every decision with the rule behind it, in order', async () => {
  const { taskId } = await askTask(db);
  const why = await explainTask(bot, taskId);
  expect(why?.records.map(({ action }) => action)).toEqual([
    'task.create',
    'step.complete',
    'plan.accept',
    'step.complete',
    'critic.pass',
    'step.complete',
    'approval.ask',
    'approval.show',
  ]);
  expect(why?.records[0]).toMatchObject({ actor: 'tg:111', name: 'Adam' });
  expect(why?.records[2]?.after).toMatchObject({ tier: 'T2', rule: 'the highest tier of its actions' });
  expect(await explainTask(bot, 'T-2025-01-01-0001')).toBeNull();
});

test('events carry the envelope, from the first to the last', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  await runToEnd(db, taskId);
  const events = await worker.call('list_events', { p_task_id: taskId }, rows);
  expect(events.map(({ event_type }) => event_type)).toEqual([
    'TASK_CREATED',
    'STEP_READY',
    'STEP_DONE',
    'STEP_READY',
    'STEP_DONE',
    'STEP_READY',
    'STEP_DONE',
    'STEP_READY',
    'STEP_DONE',
    'STEP_READY',
    'EFFECT_GRANTED',
    'STEP_DONE',
    'STEP_READY',
    'STEP_DONE',
    'TASK_ENDED',
  ]);
  expect(new Set(events.map(({ idempotency_key }) => idempotency_key)).size).toBe(events.length);
});

test('the system as /status shows it', async () => {
  const status = await bot.call('get_system_status', {}, z.looseObject({}));
  expect(status).toMatchObject({
    stop: { is_stopped: false },
    t3_problem: null,
    requests_open: 2,
    effects_in_doubt: 0,
    inbox_dead: 0,
    day_budget_usd: '20.00',
  });
});

test('the archive marks what it has copied', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  const held = await runUntilKind(db, taskId, 'archive');
  const artifacts = await listTaskArtifacts(worker, taskId);
  const count = (state: string) =>
    db.sql(`select count(*)::int as n from public.artifacts where task_id = $1 and archived_at is ${state}`, [taskId]);
  expect(await count('null')).toEqual([{ n: artifacts.length }]);
  await completeStep(worker, { ...toHeld(held), inputHash: 'a'.repeat(64), isRehearsal: false, holder: null, artifacts: [] });
  expect(await count('not null')).toEqual([{ n: artifacts.length }]);
});

test('the cards of a gate', async () => {
  const asked = await askTask(db);
  await sendCard(db, asked, 77);
  expect(await listCards(bot, asked.request.stepId)).toMatchObject([{ messageId: 77 }]);
});

test('short-term memory forgets when its time is over', async () => {
  const put = (seconds: number) => bot.call('put_short_term', { p_key: 'k', p_value: { a: 1 }, p_ttl_seconds: seconds }, z.null());
  const get = () => bot.call('get_short_term', { p_key: 'k' }, z.unknown());
  await put(60);
  expect(await get()).toEqual({ a: 1 });
  await put(0);
  expect(await get()).toBeNull();
  await put(60);
  await bot.call('delete_short_term', { p_key: 'k' }, z.null());
  expect(await get()).toBeNull();
});
