import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { claimRequest, editRequest } from '../../src/store/approvals.ts';
import { openCard } from '../../src/store/cards.ts';
import { claimUpdates, completeUpdate, recordUpdates } from '../../src/store/inbox.ts';
import { findViolations } from '../../src/store/invariants.ts';
import { claimStep, releaseStep, sweep } from '../../src/store/steps.ts';
import { heartbeat, resumeEffects, stopEffects } from '../../src/store/stop.ts';
import { cancelTask, claimTaskView, explainTask } from '../../src/store/tasks.ts';
import {
  approve,
  authorize,
  finishWork,
  handInCritique,
  handInPlan,
  PUBLISH_PLAN,
  reject,
  sendPart,
  settle,
  showStaged,
  startTask,
  toHeld,
} from '../support/stories.ts';
import { makeArtifact, PEOPLE, PLACES } from '../support/story-world.ts';
import { openRacingStory, race } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

const DURATION_MS = 10_000;
const ACTORS = 16;
/** What a race may answer; anything else is a fault of the functions. */
const EXPECTED = new Set(['lease_lost', 'state_conflict', 'not_found']);

const pick = <T>(items: readonly T[]): T | undefined => items[Math.floor(Math.random() * items.length)];
const people = [PEOPLE.owner, PEOPLE.secondOwner, PEOPLE.operator, PEOPLE.secondOperator];
const anybody = () => pick(people) ?? PEOPLE.owner;
const pickId = async (query: string) => Object.values(pick(await db.sql(query)) ?? {}).map(String)[0];
const openReference = () =>
  pickId(`select reference from public.approval_requests where status in ('pending', 'approved') order by created_at desc limit 8`);

async function workOnSomething(name: string): Promise<void> {
  const stepId = await pickId(`select step_id from public.task_steps where status = 'ready' order by woken_at desc limit 8`);
  const held = stepId === undefined ? null : await claimStep(worker, stepId, { worker: name, leaseSeconds: 60 });
  if (!held) return;
  if (Math.random() < 0.1) await releaseStep(worker, toHeld(held), 0);
  else if (held.step.kind === 'plan') await handInPlan(db, held, PUBLISH_PLAN);
  else if (held.step.kind === 'critic') await handInCritique(db, held);
  else if (held.step.kind !== 'effect') await finishWork(db, held);
  else {
    const { verdict, effect } = await authorize(db, held);
    if (verdict === 'stopped') await releaseStep(worker, toHeld(held), 0);
    if (!effect) return;
    const { isGo } = await sendPart(db, effect.effectId, 1, 'done');
    await settle(db, { held, effectId: effect.effectId }, isGo ? 'done' : 'again');
  }
}

async function showSomething(name: string): Promise<void> {
  const requestId = await pickId(`select request_id from public.approval_requests where status = 'staging' limit 8`);
  const request = requestId === undefined ? null : await claimRequest(worker, requestId, { worker: 'worker-1', leaseSeconds: 60 });
  if (!request || name === '') return;
  await showStaged(db, request);
  await openCard(bot, request.stepId, { chatId: PLACES.admin, topicId: null });
}

async function decideSomething(): Promise<void> {
  const reference = await openReference();
  if (reference === undefined) return;
  const dice = Math.random();
  if (dice < 0.7) await approve(db, reference, anybody());
  else if (dice < 0.85) await reject(db, reference, anybody());
  else await editRequest(bot, { reference, externalId: anybody(), artifact: makeArtifact('edited.md', 'draft', `take ${dice}`) });
}

async function stopAndResume(): Promise<void> {
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: pick(['effects', 'all'] as const) ?? 'all' });
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
}

async function keepHouse(name: string): Promise<void> {
  const taskId = await pickId('select task_id from public.tasks where ended_at is null order by created_at desc limit 8');
  await heartbeat(worker, { worker: name, roles: 'worker', generationSeen: 1 });
  await sweep(worker, 0);
  if (taskId === undefined) return;
  await claimTaskView(worker, taskId, 0);
  if (Math.random() < 0.1) await cancelTask(bot, { taskId, externalId: anybody(), reason: '' });
}

async function receiveSomething(name: string): Promise<void> {
  const updates = [0, 1, 2].map((offset) => {
    const id = String(Math.floor(Math.random() * 500) + offset);
    return { externalId: id, chatKey: `chat-${id.length}`, isUrgent: offset === 2, payload: { id } };
  });
  await recordUpdates(bot, 'telegram', updates);
  const taken = await claimUpdates(bot, { worker: name, limit: 3, leaseSeconds: 60 });
  for (const { inboxId } of taken) await completeUpdate(bot, { inboxId, worker: name, outcome: 'processed', error: null });
}

const ACTS: ((name: string) => Promise<unknown>)[] = [
  workOnSomething,
  workOnSomething,
  workOnSomething,
  workOnSomething,
  showSomething,
  decideSomething,
  decideSomething,
  () => startTask(db, { by: PEOPLE.operator }),
  keepHouse,
  receiveSomething,
  stopAndResume,
];

test('everything at once: no deadlock, no answer that is not foreseen, no row that contradicts another', async () => {
  const until = Date.now() + DURATION_MS;
  const faults: unknown[] = [];
  const acts = await race(ACTORS, async (index) => {
    let count = 0;
    while (Date.now() < until) {
      const act = pick(ACTS) ?? workOnSomething;
      await act(`actor-${index}`).catch((thrown) => {
        if (!EXPECTED.has(thrown?.code)) faults.push(thrown);
      });
      count += 1;
    }
    return count;
  });
  expect(faults).toEqual([]);
  expect(db.countDeadlocks()).toBe(0);
  expect(acts.reduce((sum, count) => sum + count)).toBeGreaterThan(200);
  expect(await db.sql(`select status from public.effects where status = 'done'`)).not.toEqual([]);
  expect(await findContradictions()).toEqual([]);
  expect(await findViolations(db.sql)).toEqual([]);
  for (const { task_id } of await db.sql('select task_id from public.tasks')) {
    expect(await explainTask(bot, String(task_id))).toMatchObject({ chain: { isIntact: true } });
  }
  const proof = await bot.call('verify_audit_chain', { p_chain: 'system' }, z.looseObject({}));
  expect(proof).toMatchObject({ is_intact: true });
}, 120_000);

function findContradictions() {
  return db.sql(`
    select 'a step goes on after its task ended' as what, s.step_id as id from public.task_steps s join public.tasks t using (task_id)
      where t.ended_at is not null and s.status in ('pending', 'ready', 'running', 'awaiting_approval')
    union all select 'a request is open after its task ended', r.reference from public.approval_requests r join public.tasks t using (task_id)
      where t.ended_at is not null and r.status in ('staging', 'pending')
    union all select 'an effect landed without two agreeing records', e.effect_id::text from public.effects e
      where e.status = 'done' and not exists (select 1 from public.approvals a where a.request_id = e.request_id and a.decision = 'approve' and a.artifact_checksum = e.artifact_checksum)
    union all select 'an effect was granted although somebody said no', e.effect_id::text from public.effects e
      join public.approvals a using (request_id) where a.decision = 'reject' and e.status in ('granted', 'done')
    union all select 'a part left twice', a.effect_id::text from public.effect_attempts a where a.status = 'done' group by a.effect_id, a.part having count(*) > 1
    union all select 'an effect was granted under a stop', e.effect_id::text from public.effects e
      join public.stops s on s.generation > e.generation where e.granted_at >= s.stopped_at
    union all select 'a task waits for people whom nobody asks', t.task_id from public.tasks t
      where t.status = 'awaiting_approval' and not exists (select 1 from public.approval_requests r where r.task_id = t.task_id and r.status in ('staging', 'pending'))
    union all select 'a task is done without all its steps', t.task_id from public.tasks t
      where t.status = 'done' and exists (select 1 from public.task_steps s where s.task_id = t.task_id and s.status not in ('done', 'skipped'))
    union all select 'a task runs with nothing to run', t.task_id from public.tasks t
      where t.status in ('planning', 'running') and not exists (select 1 from public.task_steps s where s.task_id = t.task_id and s.status in ('ready', 'running'))`);
}
