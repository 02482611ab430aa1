import { afterAll, beforeEach, expect, test } from 'vitest';
import { type KeptCall, keepFailedCall } from '../../../src/store/breakers.ts';
import { sweep } from '../../../src/store/steps.ts';
import { openStory } from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');

const CALL: KeptCall = {
  name: 'engine:default',
  code: 'engine_unavailable',
  elapsedMs: 12.4,
  request: { model: 'm' },
  status: 503,
  answer: 'busy',
};
const keep = (call: Partial<KeptCall> = {}) => keepFailedCall(worker, { ...CALL, ...call });
const kept = async (name = CALL.name) =>
  (await db.sql('select (request ->> $2)::int as n from public.failed_calls where name = $1 order by call_id', [name, 'n'])).map(
    ({ n }) => n,
  );

beforeEach(() => db.sql('delete from public.failed_calls'));

test('of each tool the newest twenty stay', async () => {
  await keep({ name: 'engine:fast', request: { n: 0 } });
  for (let n = 1; n <= 23; n += 1) await keep({ request: { n } });
  expect(await kept()).toEqual(Array.from({ length: 20 }, (_, index) => index + 4));
  expect(await kept('engine:fast')).toEqual([0]);
});

test.each<[string, () => Promise<unknown>]>([
  ['the next one that is kept', () => keep({ request: { n: 2 } })],
  ['the sweep', () => sweep(worker, 15_000)],
])('what is older than three days is taken away by %s', async (_by, act) => {
  await keep({ request: { n: 1 } });
  await keep({ name: 'engine:fast', request: { n: 1 } });
  await db.sql(`update public.failed_calls set ts = ts - interval '73 hours'`);
  await act();
  expect(await kept('engine:fast')).toEqual([]);
  expect(await kept()).not.toContain(1);
});

test.each<[string, Partial<KeptCall>]>([
  ['a request that is too large', { request: { text: 'x'.repeat(65_536) } }],
  ['an answer that is too large', { answer: 'x'.repeat(16_385) }],
])('%s is refused, and nothing is stored', async (_what, call) => {
  await expect(keep(call)).rejects.toMatchObject({ code: 'input_invalid' });
  expect(await kept()).toEqual([]);
});

test('only workers write them, and nobody reads the table', async () => {
  await expect(keepFailedCall(db.rpc('ags_bot'), CALL)).rejects.toMatchObject({ code: 'not_allowed' });
  expect(
    await db.sql(
      `select has_table_privilege(r, 'public.failed_calls', 'select') as may from unnest(array['ags_bot', 'ags_worker', 'ags_web', 'ags_reader', 'anon']) r group by 1`,
    ),
  ).toEqual([{ may: false }]);
});
