import { afterAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { heartbeat, listWorkers, loadStopState, resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { approveTask, grant, openStory, planTask } from '../../support/stories.ts';
import { lastRecord, PEOPLE, restoreRoles, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const stop = (externalId: number, scope: 'effects' | 'all' = 'effects') => stopEffects(bot, { externalId, reason: 'drill', scope });

beforeEach(async () => {
  await restoreRoles(db);
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
});

test.each([PEOPLE.reviewer, PEOPLE.operator, PEOPLE.owner])(
  'anybody with a role stops (%i), and the generation rises',
  async (externalId) => {
    const before = await loadStopState(bot);
    const answer = await stop(externalId);
    expect(answer).toMatchObject({
      outcome: 'stopped',
      wasStopped: false,
      stop: { isStopped: true, scope: 'effects', stoppedBy: `tg:${externalId}` },
    });
    expect(answer.stop?.generation).toBe(before.generation + 1);
    expect(await lastRecord(db, 'system')).toMatchObject({ actor: `tg:${externalId}`, action: 'stop.raise' });
  },
);

test('a stranger does not, and leaves a record', async () => {
  expect(await stop(PEOPLE.stranger)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await loadStopState(bot)).toMatchObject({ isStopped: false });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:141', action: 'stop.refuse' });
});

test('the same message again is the same stop, until somebody has lifted it', async () => {
  const stopBy = () => stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects', sourceKey: '-100/7' });
  const first = await stopBy();
  await resumeEffects(bot, { externalId: PEOPLE.operator, reason: '' });
  const again = await stopBy();
  expect(again).toMatchObject({ outcome: 'stopped', wasStopped: false, stop: { generation: first.stop?.generation } });
  expect(again.stop?.resumeAskedBy).not.toBeNull();
  await resumeEffects(bot, { externalId: PEOPLE.owner, reason: '' });
  expect((await stopBy()).stop?.generation).toBe((first.stop?.generation ?? 0) + 1);
});

test('a second stop may widen the first, never narrow it, and takes back a resume that was asked for', async () => {
  const { stop: first } = await stop(PEOPLE.reviewer);
  await resumeEffects(bot, { externalId: PEOPLE.operator, reason: '' });
  const second = await stop(PEOPLE.owner, 'all');
  expect(second).toMatchObject({ wasStopped: true, stop: { scope: 'all', stoppedBy: 'tg:121', resumeAskedBy: null } });
  expect(second.stop?.generation).toBe((first?.generation ?? 0) + 1);
  expect(await stop(PEOPLE.owner)).toMatchObject({ stop: { scope: 'all' } });
});

test('the answer names what may still land, counts what waits, and says whether anybody else could lift it', async () => {
  const { effectId } = await grant(db, (await approveTask(db)).taskId);
  await planTask(db);
  const answer = await stop(PEOPLE.operator);
  expect(answer.inFlight).toMatchObject([{ effectId, status: 'granted' }]);
  expect(answer).toMatchObject({ waiting: 2, canBeLifted: true, othersWhoResume: 3 });
});

test('a team that could not lift it is told so', async () => {
  for (const who of [PEOPLE.secondOwner, PEOPLE.operator, PEOPLE.secondOperator]) await revokeRole(db, who);
  expect(await stop(PEOPLE.owner)).toMatchObject({ canBeLifted: false, othersWhoResume: 0 });
});

test('workers tell which generation they have seen', async () => {
  const worker = db.rpc('ags_worker');
  const { generation } = await loadStopState(bot);
  await heartbeat(worker, { worker: 'w1', roles: 'worker', generationSeen: generation });
  await stop(PEOPLE.owner);
  expect(await listWorkers(bot)).toMatchObject([{ worker: 'w1', hasAcknowledged: false }]);
  await heartbeat(worker, { worker: 'w1', roles: 'worker', generationSeen: generation + 1 });
  expect(await listWorkers(bot)).toMatchObject([{ worker: 'w1', hasAcknowledged: true }]);
  await worker.call('end_worker', { p_worker: 'w1' }, z.null());
  expect(await listWorkers(bot)).toEqual([]);
});
