import { afterAll, beforeEach, expect, test } from 'vitest';
import { askBreaker, keepFailedCall, listBreakers, reportBreaker } from '../../../src/store/breakers.ts';
import { openStory, REPLY_PLAN, runToEnd } from '../../support/stories.ts';
import { begin, propose } from './support.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const NAME = 'engine:default';
const FAILED = { name: NAME, code: 'engine_timeout', elapsedMs: 60_000, request: { messages: ['Say hello'] }, status: null, answer: null };

beforeEach(() =>
  db.sql(`delete from public.failed_calls; delete from public.breakers; delete from public.incidents;
    update public.runbook_runs set state = 'failed', ended_at = now(), next_at = null where state = 'running'`),
);

const passTwoMinutes = () => db.sql(`update public.breakers set opened_at = opened_at - interval '2 minutes'`);

async function reachCanary() {
  await reportBreaker(worker, { name: NAME, holder: 'w1', code: 'engine_timeout' });
  await keepFailedCall(worker, FAILED);
  const run = await begin(db, 'tool-failure', 'default');
  expect(await run.advance()).toMatchObject({ did: 'trip' });
  expect(await run.advance()).toMatchObject({ did: 'fallback', failures: null });
  expect(await run.advance()).toMatchObject({ did: 'notify', failures: [{ code: 'engine_timeout', request: FAILED.request }] });
  const { waitMs, did } = await run.advance();
  expect(did).toBeNull();
  expect(waitMs).toBeGreaterThan(100_000);
  await passTwoMinutes();
  const given = await run.advance();
  const [row] = await db.sql(
    `select data ->> 'task_id' as task_id from public.runbook_steps where name = 'canary' and data ? 'task_id' order by started_at desc`,
  );
  expect(given).toMatchObject({ did: null, waitMs: 5_000, deliver: [{ job: 'step.run', id: `${row?.task_id}/plan` }] });
  return { ...run, taskId: String(row?.task_id) };
}

test('the breaker is tripped, the canary closes it, and a timeout is proposed', async () => {
  const { advance, load, taskId } = await reachCanary();
  expect(await listBreakers(worker)).toMatchObject([{ name: NAME, state: 'open', openedBy: 'tg:101' }]);
  expect(await db.sql('select kind from public.incidents')).toEqual([{ kind: 'breaker_open' }]);
  expect(await askBreaker(worker, { name: NAME, holder: 'w1', probeSeconds: 60 })).toMatchObject({ isProbe: true });
  await reportBreaker(worker, { name: NAME, holder: 'w1', code: null });
  await runToEnd(db, taskId, { nodes: REPLY_PLAN });
  expect(await advance()).toMatchObject({ did: 'canary', isOver: false });
  await db.sql(
    `insert into public.engine_calls (task_id, step_id, day, engine, reserved_tokens, reserved_usd, latency_ms, outcome, settled_at, cost_usd)
    select $1, $1 || '/plan', current_date, 'default', 1, 0, 4200, 'ok', now(), 0`,
    [taskId],
  );
  expect(await advance()).toMatchObject({ did: 'timeouts', isOver: true });
  const run = await load();
  expect(run).toMatchObject({ state: 'done', startedByName: 'Olivia' });
  expect(run.steps.map(({ result }) => result)).toEqual([
    'the breaker is open, nobody calls the tool for two minutes',
    'critic: has no other engine, its steps wait; default: goes to fast',
    'what was asked and what came back, masked, as a file: the newest failed calls, 1 in all',
    `${taskId} is done and the breaker is closed`,
    expect.stringContaining('a timeout of 9000 ms leaves room'),
  ]);
});

test('a canary that ends while the breaker is still open ends the run, and says so', async () => {
  const { advance, load, taskId } = await reachCanary();
  await runToEnd(db, taskId, { nodes: REPLY_PLAN });
  expect(await advance()).toMatchObject({ did: 'canary', isOver: true });
  const { state, steps } = await load();
  expect(state).toBe('failed');
  expect(steps[3]).toMatchObject({ state: 'failed', result: expect.stringContaining('the breaker is open') });
  expect(steps[4]).toMatchObject({ state: 'pending' });
});

test('a tool that has failed nobody says so instead of sending an empty file', async () => {
  const run = await begin(db, 'tool-failure', 'default');
  for (const step of ['trip', 'fallback']) expect(await run.advance()).toMatchObject({ did: step });
  expect(await run.advance()).toMatchObject({ did: 'notify', failures: [] });
  const notify = (await run.load()).steps[2];
  expect(notify).toMatchObject({ plan: notify?.result, result: 'no call failed in the last three days, so there is no file' });
});

test('without a name it is about the tool that fails now', async () => {
  await reportBreaker(worker, { name: 'engine:fast', holder: 'w1', code: 'engine_timeout' });
  expect(await propose(db, 'tool-failure')).toMatchObject({ code: null, run: { subject: 'engine:fast' } });
});
