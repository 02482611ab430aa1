import { afterAll, beforeEach, expect, test } from 'vitest';
import { sha256 } from '../../../src/domain/ids.ts';
import { askDrill, beginDrill, findDrill, raiseDrill, settleDrill } from '../../../src/store/drills.ts';
import { authorizeEffect, beginAttempt } from '../../../src/store/effects.ts';
import { claimStep, sweep } from '../../../src/store/steps.ts';
import { endWorker, heartbeat, listWorkers, loadStopState, resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { loadSystemStatus } from '../../../src/store/system.ts';
import { approveTask, authorize, grant, HOLDER, loadTask, openStory, runUntilKind, sendPart } from '../../support/stories.ts';
import { listActions, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

const ask = (externalId: number = PEOPLE.operator) => askDrill(bot, { externalId, chatId: PLACES.admin, topicId: null, messageId: 7 });
const begin = (name = 'w1') => beginDrill(worker, { worker: name, chatId: PLACES.admin });
const beat = (name: string, generationSeen: number) => heartbeat(worker, { worker: name, roles: 'worker', generationSeen });
const STOPPED = { authorize: 'stopped', begin: 'stopped' };

beforeEach(async () => {
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
  await db.sql('update public.stop_switch set drill_task_id = null');
  await db.sql('delete from public.stop_drills');
  for (const name of ['w1', 'w2']) await endWorker(worker, name);
  const { generation } = await loadStopState(bot);
  await beat('w1', generation);
});

/** As the worker does it: the gate says go, the drill is raised, the gate is asked again. */
async function raise() {
  const begun = await begin();
  if (!begun?.dummy) throw new Error('no drill began');
  const { drill, dummy } = begun;
  const question = { ...dummy, target: { chatId: dummy.targetChatId, topicId: null } };
  const { verdict, effect } = await authorizeEffect(worker, question);
  expect(verdict).toBe('go');
  expect(await raiseDrill(worker, drill.drillId)).toMatchObject({ isRaised: true });
  const { generation } = await loadStopState(bot);
  return { drillId: drill.drillId, dummy, question, effectId: effect?.effectId ?? '', generation };
}

test('operators and owners ask for one; under a stop, or while one is under way, there is none', async () => {
  expect(await ask(PEOPLE.reviewer)).toMatchObject({ code: 'no_role', drillId: null, deliver: [] });
  expect(await ask(PEOPLE.stranger)).toMatchObject({ code: 'no_role' });
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: '', scope: 'effects' });
  expect(await ask()).toMatchObject({ code: 'stopped' });
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
  const asked = await ask(PEOPLE.owner);
  expect(asked).toMatchObject({ code: null, workerCount: 1, deliver: [{ job: 'drill.run', id: asked.drillId }] });
  expect(await ask()).toMatchObject({ code: 'running' });
  expect((await listActions(db, 'system')).slice(-2)).toEqual(['drill.ask', 'drill.refuse']);
});

test('the gate that said go is closed for the dummy, and for nothing else', async () => {
  const { effectId: real } = await grant(db, (await approveTask(db)).taskId);
  const waiting = await runUntilKind(db, (await approveTask(db)).taskId, 'effect');
  await ask();
  const { question, effectId, dummy } = await raise();
  expect(await beginAttempt(worker, { effectId, fence: dummy.fence, part: 1 })).toMatchObject({ isGo: false, code: 'stopped' });
  expect(await authorizeEffect(worker, question)).toMatchObject({ verdict: 'stopped' });
  // A grant from before the drill is still good, and a new one is given.
  expect(await sendPart(db, real, 1, 'done')).toMatchObject({ isGo: true });
  expect(await authorize(db, waiting)).toMatchObject({ verdict: 'go' });
  expect(await loadStopState(bot)).toMatchObject({ isStopped: false });
  expect(await claimStep(worker, dummy.stepId, HOLDER)).toBeNull();
});

test('what it measured is kept as an artifact of its dummy', async () => {
  await ask();
  const { drillId, dummy, generation } = await raise();
  await beat('w1', generation);
  await settleDrill(worker, drillId, STOPPED);
  const taskId = dummy.stepId.split('/')[0];
  const [kept] = await db.sql(`select content, checksum from public.artifacts where task_id = $1 and type = 'drill'`, [taskId]);
  expect(JSON.parse(String(kept?.content))).toMatchObject({
    drill_id: drillId,
    outcome: 'passed',
    generation,
    evidence: { gate: STOPPED },
  });
  expect(kept?.checksum).toBe(sha256(String(kept?.content)));
});

test('it passes once every live worker has acknowledged, and measures by the last one', async () => {
  await beat('w2', 1);
  await ask();
  const { drillId, generation } = await raise();
  expect(await settleDrill(worker, drillId, STOPPED)).toMatchObject({ isOver: false });
  await beat('w1', generation);
  expect(await settleDrill(worker, drillId, STOPPED)).toMatchObject({ isOver: false, drill: { outcome: 'running' } });
  await beat('w2', generation);
  const { isOver, drill } = await settleDrill(worker, drillId, STOPPED);
  expect(isOver).toBe(true);
  expect(drill).toMatchObject({
    outcome: 'passed',
    askedBy: 'tg:111',
    messageId: 7,
    workers: [{ worker: 'w1' }, { worker: 'w2', hasAcknowledged: true }],
  });
  expect(drill.secondsToHalt).toBeGreaterThanOrEqual(drill.workers[1]?.seconds ?? Number.NaN);
  expect(await findDrill(bot, drillId)).toEqual(drill);
  expect(await loadSystemStatus(bot)).toMatchObject({ drillProblem: null, lastDrill: { drillId, outcome: 'passed' } });
  expect(await listWorkers(bot)).toMatchObject([{ hasAcknowledged: true }, { hasAcknowledged: true }]);
  const [row] = await db.sql('select task_id from public.stop_drills');
  expect(await loadTask(db, String(row?.task_id))).toMatchObject({ status: 'cancelled', effects: [{ status: 'void', attempts: [] }] });
  expect(await db.sql('select drill_task_id from public.stop_switch')).toEqual([{ drill_task_id: null }]);
});

test('a worker that does not acknowledge in time fails it, is named, and is an incident', async () => {
  await beat('w2', 1);
  await ask();
  const { drillId, generation } = await raise();
  await beat('w1', generation);
  await db.sql(`update public.stop_drills set raised_at = raised_at - interval '6 seconds'`);
  expect(await settleDrill(worker, drillId, STOPPED)).toMatchObject({
    isOver: true,
    drill: { outcome: 'failed', secondsToHalt: null, summary: 'no acknowledgement from w2' },
  });
  expect(await settleDrill(worker, drillId, STOPPED)).toMatchObject({ isOver: true, drill: { outcome: 'failed' } });
  expect((await loadSystemStatus(bot)).drillProblem).toMatch(
    /^the drill of the emergency stop of .* UTC failed: no acknowledgement from w2$/,
  );
  expect(
    await db.sql(`select payload_json ->> 'severity' as severity from public.events where payload_json ->> 'drill_id' = $1`, [drillId]),
  ).toEqual([{ severity: 'critical' }]);
});

test.each([
  ['was granted anew', { authorize: 'go', begin: 'stopped' }, 'the gate answered go to a new question'],
  ['could have been sent', { authorize: 'stopped', begin: 'go' }, 'the gate answered go right before sending'],
])('a dummy that %s fails it at once', async (_what, gate, summary) => {
  await ask();
  const { drillId, generation } = await raise();
  await beat('w1', generation);
  expect(await settleDrill(worker, drillId, gate)).toMatchObject({ isOver: true, drill: { outcome: 'failed', summary } });
});

test('rows that say that it began outweigh what the worker says', async () => {
  await ask();
  const { drillId, generation, effectId } = await raise();
  await beat('w1', generation);
  await db.sql(`insert into public.effect_attempts (effect_id, part, attempt, generation) values ($1, 1, 1, 1)`, [effectId]);
  expect(await settleDrill(worker, drillId, STOPPED)).toMatchObject({
    drill: { outcome: 'failed', summary: expect.stringContaining('let the dummy') },
  });
  expect(await db.sql(`select status from public.effect_attempts where effect_id = $1`, [effectId])).toEqual([{ status: 'void' }]);
  expect(await db.sql(`select 1 from public.effects where status = 'in_doubt'`)).toEqual([]);
});

test('a real stop goes before: it is raised all the same, and the drill is broken off', async () => {
  await ask();
  const { drillId } = await raise();
  expect(await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: '', scope: 'all' })).toMatchObject({
    outcome: 'stopped',
    waiting: expect.any(Number),
  });
  expect(await settleDrill(worker, drillId, STOPPED)).toMatchObject({ isOver: true, drill: { outcome: 'overtaken' } });
  expect(await loadStopState(bot)).toMatchObject({ isStopped: true });
});

test('one asked for just before a stop is broken off, not left over', async () => {
  await ask();
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: '', scope: 'effects' });
  expect(await begin()).toMatchObject({ dummy: null, drill: { outcome: 'overtaken' } });
  expect(await begin()).toBeNull();
});

test('a worker that dies in the middle of it does not keep the others from drilling, and leaves nothing to send', async () => {
  await ask();
  const { drillId } = await raise();
  expect(await begin('w2')).toBeNull();
  await db.sql(`update public.stop_drills set started_at = started_at - interval '3 minutes'`);
  await db.sql(`update public.task_steps set lease_expires_at = now() - interval '1 minute' where status = 'running'`);
  const { deliver } = await sweep(worker, 0);
  for (const { id } of deliver.filter(({ job }) => job === 'step.run')) {
    const held = await claimStep(worker, id, HOLDER);
    expect(held?.task.source).not.toBe('drill');
  }
  await begin('w2');
  expect(await findDrill(bot, drillId)).toMatchObject({ outcome: 'failed', summary: expect.stringContaining('did not end it') });
  expect(await db.sql('select drill_task_id from public.stop_switch')).not.toEqual([{ drill_task_id: expect.stringContaining('T-') }]);
});
