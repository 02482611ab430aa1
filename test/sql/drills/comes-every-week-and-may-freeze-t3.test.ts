import { afterAll, beforeEach, expect, test } from 'vitest';
import { beginDrill, raiseDrill, settleDrill } from '../../../src/store/drills.ts';
import { heartbeat, loadStopState } from '../../../src/store/stop.ts';
import { loadSystemStatus } from '../../../src/store/system.ts';
import {
  approveTask,
  authorize,
  claim,
  handInPlan,
  makeNode,
  openStory,
  PUBLISH_PLAN,
  runUntilKind,
  startTask,
} from '../../support/stories.ts';
import { PLACES, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory({ ...PUBLISH_IS_T3, drills: { freeze_t3: true } });
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

const begin = () => beginDrill(worker, { worker: 'w1', chatId: PLACES.admin });
const passDays = (days: number) =>
  db.sql(
    `with p as (update public.policies set in_force_at = in_force_at - make_interval(days => $1))
     update public.stop_drills set started_at = started_at - make_interval(days => $1), asked_at = asked_at - make_interval(days => $1)`,
    [days],
  );

/** A drill from the beginning to its end; `acknowledges` says whether the only worker hears of it. */
async function drill({ acknowledges }: { acknowledges: boolean }) {
  await heartbeat(worker, { worker: 'w1', roles: 'worker', generationSeen: 1 });
  const begun = await begin();
  if (!begun) throw new Error('no drill is due');
  await raiseDrill(worker, begun.drill.drillId);
  const { generation } = await loadStopState(bot);
  if (acknowledges) await heartbeat(worker, { worker: 'w1', roles: 'worker', generationSeen: generation });
  else await db.sql(`update public.stop_drills set raised_at = raised_at - interval '6 seconds' where outcome = 'running'`);
  return (await settleDrill(worker, begun.drill.drillId, { authorize: 'stopped', begin: null })).drill;
}

beforeEach(async () => {
  await db.sql('delete from public.stop_drills');
  await db.sql('update public.policies set in_force_at = now()');
});

test('the first is due a week after the start, the next a week after the last', async () => {
  expect(await begin()).toBeNull();
  await passDays(7);
  expect(await drill({ acknowledges: true })).toMatchObject({ outcome: 'passed', askedBy: 'system' });
  expect(await begin()).toBeNull();
  await passDays(6);
  expect(await begin()).toBeNull();
  await passDays(1);
  expect(await drill({ acknowledges: true })).toMatchObject({ outcome: 'passed' });
});

test('one that failed is tried again within the hour', async () => {
  await passDays(7);
  expect(await drill({ acknowledges: false })).toMatchObject({ outcome: 'failed' });
  expect(await begin()).toBeNull();
  await db.sql(`update public.stop_drills set started_at = started_at - interval '61 minutes'`);
  expect(await drill({ acknowledges: true })).toMatchObject({ outcome: 'passed' });
  expect(await loadSystemStatus(bot)).toMatchObject({ drillProblem: null, t3Problem: null });
});

test('one that is more than an hour late is said in /status, and raised once as an incident when a worker is there again', async () => {
  await passDays(8);
  expect((await loadSystemStatus(bot)).drillProblem).toMatch(/^the drill of the emergency stop is overdue since /);
  await db.sql(`delete from public.events where type = 'INCIDENT_RAISED'; delete from public.incidents`);
  await begin();
  await begin();
  expect(await db.sql(`select payload_json ->> 'summary' as summary from public.events where type = 'INCIDENT_RAISED'`)).toEqual([
    { summary: expect.stringContaining('overdue') },
  ]);
});

test('while it is frozen T3 is neither planned nor let out, with the reason; T2 goes on', async () => {
  const approved = await approveTask(db);
  const held = await runUntilKind(db, approved.taskId, 'effect');
  await passDays(7);
  await drill({ acknowledges: false });
  expect((await loadSystemStatus(bot)).t3Problem).toMatch(
    /^T3 is frozen until a drill passes: the drill .* failed: no acknowledgement from w1$/,
  );
  expect(await handInPlan(db, await claim(db, `${await startTask(db)}/plan`), PUBLISH_PLAN)).toMatchObject({
    outcome: 'refused',
    reasons: [expect.stringContaining('T3 is frozen until a drill passes')],
  });
  expect(await authorize(db, held)).toMatchObject({ verdict: 'refused', reasons: ['frozen'] });
  const t2 = [makeNode('act', 'exec', 'DRAFT_REPLY'), makeNode('post', 'communicator', 'SOCIAL_POST', ['act'])];
  expect(await handInPlan(db, await claim(db, `${await startTask(db)}/plan`), t2)).toMatchObject({ outcome: 'accepted' });
  await db.sql(`update public.stop_drills set started_at = started_at - interval '61 minutes'`);
  await drill({ acknowledges: true });
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go' });
});
