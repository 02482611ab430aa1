import { afterAll, expect, test } from 'vitest';
import { findPolicy, seedPolicy } from '../../../src/store/policies.ts';
import { openTestDatabase } from '../../support/database.ts';
import { makePolicy } from '../../support/story-world.ts';

const db = await openTestDatabase();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

test('the first policy comes into force; another file changes nothing and is told apart', async () => {
  expect(await findPolicy(bot)).toBeNull();
  const { source, policy, checksum } = makePolicy();
  const first = await seedPolicy(worker, { source, document: policy, checksum });
  expect(first).toMatchObject({ wasSeeded: true, isSame: true });
  expect(await seedPolicy(worker, { source, document: policy, checksum })).toEqual({ ...first, wasSeeded: false });
  const other = makePolicy({ budgets: { task_tokens: 5, task_usd: '1', day_usd: '1' } });
  expect(await seedPolicy(worker, { source: other.source, document: other.policy, checksum: other.checksum })).toEqual({
    ...first,
    wasSeeded: false,
    isSame: false,
  });
  expect(await findPolicy(bot)).toMatchObject({ policyVersion: first.policyVersion, source, checksum });
  expect(await findPolicy(bot, 999)).toBeNull();
});

test('two policies are never in force at once', async () => {
  const insert = `insert into public.policies (source, document, checksum, proposed_by, in_force_at) values ('', '{}', repeat('a', 64), 'tg:1', now())`;
  await expect(db.sql(insert)).rejects.toMatchObject({ constraint: 'policies_one_in_force' });
});
