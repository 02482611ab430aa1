import { afterAll, beforeEach, expect, test } from 'vitest';
import { reportBreaker } from '../../../src/store/breakers.ts';
import { closeIncidents } from '../../../src/store/incidents.ts';
import { parkEffect } from '../../../src/store/money.ts';
import { listLimits } from '../../../src/store/rates.ts';
import { sweep } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { loadSystemStatus } from '../../../src/store/system.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { letPaymentsAge, passChecklist, payment, readyToMove } from '../../support/money.ts';
import { approve, ask, authorize, claim, loadTask, openStory, sendPart, toHeld } from '../../support/stories.ts';
import { listActions, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');
const BREAKER = 'payments.ton';

async function openBreaker() {
  for (let count = 0; count < 5; count += 1) await reportBreaker(worker, { name: BREAKER, holder: 'w', code: 'unavailable' });
}
const closeBreaker = () =>
  db.sql(
    `update public.breakers set state = 'closed', failures = '{}', opened_at = null, opened_by = null, probe_holder = null, probe_until = null`,
  );

beforeEach(async () => {
  await passChecklist(db);
  await letPaymentsAge(db, '1 day');
  await db.sql(`update public.effects set status = 'void', settled_at = now() where status in ('granted', 'in_doubt')`);
});

async function granted() {
  const held = await readyToMove(db, payment('10'));
  const { effect } = await authorize(db, held);
  return { held, effectId: String(effect?.effectId) };
}
const park = ({ held, effectId }: Awaited<ReturnType<typeof granted>>) =>
  parkEffect(worker, { ...toHeld(held), effectId, breaker: BREAKER, note: 'no answer' });

test('parked, its grant, its approvals and its share of the limits are given back, and people see it', async () => {
  await openBreaker();
  const first = await granted();
  const { taskId } = first.held.task;
  await park(first);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', heldReason: 'pending_exec', effects: [{ status: 'void' }] });
  const parked = [{ taskId, kind: 'payment', breaker: BREAKER, parkedAt: expect.any(String) }];
  const status = await loadSystemStatus(bot);
  expect(status.parked).toEqual(parked);
  expect(status.incidents.map(({ kind, title }) => [kind, title])).toContainEqual([
    'effect_parked',
    `a payment waits: ${BREAKER} is not reachable`,
  ]);
  expect(await listLimits(bot, PEOPLE.reviewer)).toMatchObject({ parked, paymentUse: { underWay: 0, dayUsed: '0' } });
  expect(await listActions(db, taskId)).toEqual(expect.arrayContaining(['effect.park', 'approval.void']));
  // Nobody takes it up while the other side is away, and the old approvals let nothing out.
  await sweep(worker, 0);
  expect((await loadSystemStatus(bot)).parked).toEqual(parked);
  await expect(claim(db, first.held.step.stepId)).rejects.toThrow('cannot be claimed');
  await cancelTask(bot, { taskId, externalId: PEOPLE.owner, reason: 'not any more' });
  await sweep(worker, 0);
  expect((await loadSystemStatus(bot)).parked).toEqual([]);
});

test('when the other side is back people are asked anew, and only then it goes', async () => {
  await openBreaker();
  const first = await granted();
  const { taskId } = first.held.task;
  const [before] = await db.sql('select reference from public.approval_requests where task_id = $1', [taskId]);
  await park(first);
  await closeBreaker();
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
  await sweep(worker, 0);
  expect((await loadSystemStatus(bot)).parked).toHaveLength(1);
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
  await sweep(worker, 0);
  expect((await loadSystemStatus(bot)).parked).toEqual([]);
  await closeIncidents(worker);
  expect((await loadSystemStatus(bot)).incidents.map(({ kind }) => kind)).not.toContain('effect_parked');
  const { reference, request } = await ask(db, taskId);
  expect(reference).not.toBe(before?.reference);
  expect(request.decisions).toEqual([]);
  expect(await approve(db, String(before?.reference), PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'replaced' });
  await approve(db, reference, PEOPLE.secondOperator);
  await approve(db, reference, PEOPLE.owner);
  expect(await authorize(db, await claim(db, first.held.step.stepId))).toMatchObject({
    verdict: 'go',
    effect: { effectId: first.effectId },
  });
});

test('not while the breaker lets calls through, not when a try was begun, not what is no money', async () => {
  await closeBreaker();
  const first = await granted();
  await expect(park(first)).rejects.toMatchObject({ code: 'state_conflict' });
  await openBreaker();
  await sendPart(db, first.effectId, 1);
  await expect(park(first)).rejects.toMatchObject({ code: 'state_conflict' });
  expect(await loadTask(db, first.held.task.taskId)).toMatchObject({ status: 'running', effects: [{ status: 'granted' }] });
});
