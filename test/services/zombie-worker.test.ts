import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, type Machine, openFleet, POST_GOAL } from '../support/fleet.ts';
import { type GivenTask, giveTask, listPublished, listReplies, pressCard, until, waitForCard } from '../support/telling.ts';
import { findHolder, heldBy, runOutLeases } from './support/fleet-work.ts';

const { adam, bella } = PERSONAS;
const LONG = { timeoutMs: 30_000 };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'polling' });
  await Promise.all([fleet.start('bot'), fleet.start('worker', 2)]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** The worker sleeps for longer than it may hold what it had in hand. */
async function sleepTooLong(sleeper: Machine): Promise<void> {
  sleeper.signal('SIGSTOP');
  await runOutLeases(fleet, sleeper);
}

/** It is awake, knows of the present, and has nothing in hand any more: whatever it wanted to do it has tried. */
async function wake(sleeper: Machine): Promise<void> {
  const line = sleeper.lines.length;
  sleeper.signal('SIGCONT');
  await until(() => sleeper.lines.slice(line).some((said) => said.includes('step lost to another worker')), {
    ...LONG,
    what: 'the sleeper to notice',
  });
  expect(await fleet.sql("select 1 from public.task_steps where status = 'running' and worker like $1", [heldBy(sleeper)])).toEqual([]);
}

const waitForEnd = ({ taskId }: GivenTask) =>
  until(async () => (await fleet.sql("select 1 from public.tasks where task_id = $1 and status = 'done'", [taskId])).length === 1, LONG);

const countActions = async ({ taskId }: GivenTask, action: string): Promise<number> =>
  Number(
    (await fleet.sql('select count(*)::int as count from public.audit_logs where chain = $1 and action = $2', [taskId, action]))[0]?.count,
  );

test('a worker that sleeps in a step, and wakes when another one has done it: what it brings counts for nothing', async () => {
  fleet.model.script('findings', { kind: 'slow', delayMs: 1_500 });
  const before = fleet.model.count('findings');
  const task = await giveTask(fleet, adam.id, 'Summarise the opening hours');
  await until(() => fleet.model.count('findings') > before, LONG);
  const sleeper = await findHolder(fleet, task.taskId);
  await sleepTooLong(sleeper);
  await waitForEnd(task);
  const records = await fleet.sql('select seq, action from public.audit_logs where chain = $1 order by seq', [task.taskId]);
  expect(await countActions(task, 'step.lose')).toBe(1);
  await wake(sleeper);
  expect(await fleet.sql('select seq, action from public.audit_logs where chain = $1 order by seq', [task.taskId])).toEqual(records);
  // The task's own message, and the answer.
  expect(listReplies(fleet, task.request)).toHaveLength(2);
}, 120_000);

test('a worker that sleeps while its post is on the way: people are asked, and it neither sends nor settles anything when it wakes', async () => {
  const task = await giveTask(fleet, adam.id, `${POST_GOAL} 1`);
  const card = await waitForCard(fleet, task);
  fleet.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { answerDelayMs: 3_000 } });
  await pressCard(fleet, bella.id, card, 'Approve');
  await fleet.telegram.waitFor(() => listPublished(fleet).length === 1, LONG);
  const sleeper = await findHolder(fleet, task.taskId);
  await sleepTooLong(sleeper);
  const doubt = await fleet.telegram.waitForMessage(CHATS.admin.id, 'Did this post arrive?', LONG);
  await fleet.telegram.press(bella.id, CHATS.admin.id, doubt.message_id, 'It happened', LONG);
  await waitForEnd(task);
  await wake(sleeper);
  expect(listPublished(fleet)).toHaveLength(1);
  const tries = `select a.status, a.landed_by, e.status as effect from public.effect_attempts a join public.effects e using (effect_id) where e.task_id = $1`;
  expect(await fleet.sql(tries, [task.taskId])).toEqual([{ status: 'done', landed_by: `tg:${bella.id}`, effect: 'done' }]);
}, 120_000);
