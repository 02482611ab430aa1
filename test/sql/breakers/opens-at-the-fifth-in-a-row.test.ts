import { afterAll, beforeEach, expect, test } from 'vitest';
import { askBreaker, listBreakers, reportBreaker, returnProbe } from '../../../src/store/breakers.ts';
import { closeIncidents } from '../../../src/store/incidents.ts';
import { loadSystemStatus } from '../../../src/store/system.ts';
import { openStory } from '../../support/stories.ts';
import { listActions } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const NAME = 'engine:default';

beforeEach(async () => {
  await db.sql('delete from public.breakers; delete from public.incidents');
});

const ask = (holder = 'w1') => askBreaker(worker, { name: NAME, holder, probeSeconds: 180 });
const fail = (holder = 'w1') => reportBreaker(worker, { name: NAME, holder, code: 'engine_unavailable' });
const succeed = (holder = 'w1') => reportBreaker(worker, { name: NAME, holder, code: null });
const passSeconds = (seconds: number) =>
  db.sql(
    `update public.breakers set opened_at = opened_at - make_interval(secs => $1), probe_until = probe_until - make_interval(secs => $1),
       failures = (select coalesce(array_agg(f - make_interval(secs => $1) order by f), '{}') from unnest(failures) f)`,
    [seconds],
  );
async function trip() {
  for (let count = 1; count <= 5; count += 1) await fail(`w${count}`);
}

test('not at the fourth, at the fifth, whichever process they come from; with one incident', async () => {
  expect(await ask()).toEqual({ mayCall: true, isProbe: false, failureCount: 0, retryAfterMs: 0 });
  for (let count = 1; count <= 4; count += 1) expect(await fail(`w${count}`)).toEqual({ state: 'closed' });
  expect(await ask()).toMatchObject({ mayCall: true, failureCount: 4 });
  expect(await fail('w5')).toEqual({ state: 'open' });
  const { mayCall, retryAfterMs } = await ask('w6');
  expect(mayCall).toBe(false);
  expect(retryAfterMs).toBeGreaterThan(110_000);
  expect(await loadSystemStatus(worker)).toMatchObject({
    breakers: [{ name: NAME, state: 'open', lastCode: 'engine_unavailable', openedBy: 'system' }],
    incidents: [{ kind: 'breaker_open', severity: 'critical', title: `the breaker of ${NAME} is open` }],
  });
  expect((await listActions(db, 'system')).at(-1)).toBe('breaker.open');
});

test('a success in between begins the count anew; so do failures that are more than a minute old', async () => {
  for (let count = 1; count <= 4; count += 1) await fail();
  await succeed('w2');
  for (let count = 1; count <= 4; count += 1) expect(await fail()).toEqual({ state: 'closed' });
  await passSeconds(61);
  for (let count = 1; count <= 4; count += 1) expect(await fail()).toEqual({ state: 'closed' });
  expect(await fail()).toEqual({ state: 'open' });
});

test('after two minutes one probe; when it works the breaker closes and the incident ends', async () => {
  await trip();
  await passSeconds(119);
  expect(await ask()).toMatchObject({ mayCall: false, isProbe: false });
  await passSeconds(1);
  expect(await ask('w2')).toMatchObject({ mayCall: true, isProbe: true });
  expect(await ask('w3')).toMatchObject({ mayCall: false, isProbe: false });
  // What was under way when it opened says nothing.
  expect(await succeed('w3')).toEqual({ state: 'half_open' });
  expect(await fail('w3')).toEqual({ state: 'half_open' });
  expect(await closeIncidents(worker)).toEqual({ closed: 0 });
  expect(await succeed('w2')).toEqual({ state: 'closed' });
  expect(await ask()).toEqual({ mayCall: true, isProbe: false, failureCount: 0, retryAfterMs: 0 });
  expect(await closeIncidents(worker)).toEqual({ closed: 1 });
});

test('a probe that fails opens it for two minutes more, as the same incident', async () => {
  await trip();
  await passSeconds(120);
  await ask('w2');
  expect(await fail('w2')).toEqual({ state: 'open' });
  expect(await ask('w2')).toMatchObject({ mayCall: false });
  expect(await db.sql('select occurrence_count from public.incidents')).toEqual([{ occurrence_count: 2 }]);
});

test('a probe whose process died does not keep it open for good', async () => {
  await trip();
  await passSeconds(120);
  expect(await ask('w2')).toMatchObject({ isProbe: true });
  await passSeconds(181);
  expect(await ask('w3')).toMatchObject({ isProbe: true });
  expect(await succeed('w2')).toEqual({ state: 'half_open' });
  expect(await succeed('w3')).toEqual({ state: 'closed' });
});

test('every role sees which ones are open', async () => {
  await trip();
  expect(await listBreakers(db.rpc('ags_reader'))).toMatchObject([{ name: NAME, state: 'open' }]);
});

test.each([
  ['no holder', { p_name: NAME, p_holder: '', p_probe_seconds: 10 }],
  ['a probe without an end', { p_name: NAME, p_holder: 'w1', p_probe_seconds: 0 }],
])('nobody asks with %s', async (_what, args) => {
  const probe = { name: args.p_name, holder: args.p_holder, probeSeconds: args.p_probe_seconds };
  await expect(askBreaker(worker, probe)).rejects.toMatchObject({ code: 'input_invalid' });
});

test('a probe that was not made is given back: whoever asks next is the probe, and only its holder gives it back', async () => {
  await trip();
  await passSeconds(120);
  expect(await ask('w2')).toMatchObject({ isProbe: true });
  expect(await returnProbe(worker, { name: NAME, holder: 'w3' })).toEqual({ isReturned: false });
  expect(await ask('w3')).toMatchObject({ mayCall: false });
  expect(await returnProbe(worker, { name: NAME, holder: 'w2' })).toEqual({ isReturned: true });
  expect(await ask('w3')).toMatchObject({ mayCall: true, isProbe: true });
  expect(await ask('w2')).toMatchObject({ mayCall: false });
});
