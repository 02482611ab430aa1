import { afterAll, beforeEach, expect, test } from 'vitest';
import { askFallbackCheck, beginFallbackCheck, type FallbackResult, settleFallbackCheck } from '../../../src/store/fallback-checks.ts';
import { closeIncidents, sweepIncidents } from '../../../src/store/incidents.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { loadTask, openStory } from '../../support/stories.ts';
import { PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

const begin = (name = 'worker-1') => beginFallbackCheck(worker, { worker: name, chatId: PLACES.admin });
const ask = (externalId: number) => askFallbackCheck(bot, { externalId, chatId: PLACES.admin, topicId: null, messageId: 7 });
const passDays = (days: number) =>
  db.sql(
    `with a as (update public.policies set in_force_at = in_force_at - make_interval(days => $1) where in_force_at is not null)
     update public.fallback_checks set started_at = started_at - make_interval(days => $1)`,
    [days],
  );
const OK: FallbackResult = { fallback: 'Telegram away', outcome: 'ok', detail: 'the answer waits' };
const FAILED: FallbackResult = { fallback: 'model time-out', outcome: 'failed', detail: 'no engine answered' };
const countIncidents = async () =>
  (await db.sql(`select count(*)::int as count from public.incidents where kind = 'fallback_check' and state <> 'resolved'`))[0]?.count;

beforeEach(async () => {
  await db.sql('delete from public.fallback_checks; delete from public.incidents');
  await db.sql('update public.policies set in_force_at = now() where in_force_at is not null');
});

async function run(results: FallbackResult[]) {
  const begun = await begin();
  if (begun === null) throw new Error('nothing was due');
  return settleFallbackCheck(worker, begun.checkId, results);
}

test('it is due a week after the start and a week after the last; one worker of the fleet runs it', async () => {
  expect(await begin()).toBeNull();
  await passDays(7);
  const begun = await begin();
  expect(await begin('worker-2')).toBeNull();
  expect(await settleFallbackCheck(worker, String(begun?.checkId), [OK])).toMatchObject({ outcome: 'passed', results: [OK] });
  expect(await begin()).toBeNull();
  await passDays(7);
  expect(await begin()).not.toBeNull();
});

test('its dummy ends with it, and what it found is kept as an artifact; a later result changes nothing', async () => {
  await passDays(7);
  const { taskId, checkId } = await run([OK]);
  expect(await loadTask(db, String(taskId))).toMatchObject({ status: 'cancelled' });
  const [kept] = await db.sql(`select content from public.artifacts where task_id = $1 and type = 'drill'`, [taskId]);
  expect(JSON.parse(String(kept?.content))).toEqual([OK]);
  expect(await settleFallbackCheck(worker, checkId, [FAILED])).toMatchObject({ outcome: 'passed', results: [OK] });
});

test('one that fails is an incident until one passes, and is tried again within the hour', async () => {
  await passDays(7);
  expect(await run([OK, FAILED])).toMatchObject({ outcome: 'failed' });
  expect(await countIncidents()).toBe(1);
  expect(await closeIncidents(worker)).toEqual({ closed: 0 });
  expect(await begin()).toBeNull();
  await db.sql(`update public.fallback_checks set started_at = started_at - interval '61 minutes'`);
  expect(await run([OK])).toMatchObject({ outcome: 'passed' });
  await closeIncidents(worker);
  expect(await countIncidents()).toBe(0);
});

test('one that is overdue is an incident', async () => {
  await passDays(7);
  await sweepIncidents(worker);
  expect(await countIncidents()).toBe(0);
  await passDays(1);
  await sweepIncidents(worker);
  expect(await countIncidents()).toBe(1);
});

test('one whose worker was lost has failed', async () => {
  await passDays(7);
  await begin();
  await db.sql(`update public.fallback_checks set started_at = started_at - interval '16 minutes'`);
  expect(await begin('worker-2')).toBeNull();
  expect(await db.sql('select outcome from public.fallback_checks')).toEqual([{ outcome: 'failed' }]);
});

test('operators and owners ask for one; not others, not twice, not while stopped', async () => {
  expect(await ask(PEOPLE.reviewer)).toEqual({ code: 'no_role', deliver: [] });
  expect(await ask(PEOPLE.operator)).toMatchObject({ code: null, deliver: [{ job: 'drill.run' }] });
  expect(await ask(PEOPLE.owner)).toMatchObject({ code: 'running' });
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: '', scope: 'effects' });
  expect(await begin()).toBeNull();
  expect(await ask(PEOPLE.owner)).toMatchObject({ code: 'stopped' });
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
  expect(await begin()).not.toBeNull();
});

test('a check ends with a result for each', async () => {
  await passDays(7);
  const begun = await begin();
  await expect(settleFallbackCheck(worker, String(begun?.checkId), [])).rejects.toMatchObject({ code: 'input_invalid' });
});
