import { afterAll, beforeEach, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import type { Rpc } from '../../src/store/rpc.ts';
import { gatherUpdates } from '../../src/web/gathered-updates.ts';
import { openTestDatabase } from '../support/database.ts';
import { lastRecord } from '../support/story-world.ts';

const db = await openTestDatabase();
afterAll(() => db.close());
beforeEach(() => db.sql('delete from public.inbox'));

const update = (externalId: number, text = 'hello') => ({
  externalId: String(externalId),
  chatKey: '7',
  isUrgent: false,
  payload: { update_id: externalId, text },
});

/** The store, and how many updates each call brought it. */
function open({ fail = () => null }: { fail?: (count: number) => AppError | null } = {}) {
  const real = db.rpc('ags_web');
  const counts: number[] = [];
  const rpc: Rpc = {
    role: real.role,
    async call(name, args, schema, signal) {
      const count = (args.p_updates as unknown[]).length; // As `recordUpdates` gives them.
      counts.push(count);
      const error = fail(count);
      if (error !== null) throw error;
      return real.call(name, args, schema, signal);
    },
  };
  return { counts, ...gatherUpdates(rpc, 'telegram') };
}

const countRows = async () => Number((await db.sql('select count(*)::int as count from public.inbox'))[0]?.count);

it('writes together what came while others were being written, and each is there when its promise is kept', async () => {
  const { record, counts } = open();
  await Promise.all(
    Array.from({ length: 250 }, async (_, index) => {
      await record(update(index));
      expect(await db.sql('select 1 from public.inbox where external_id = $1', [String(index)])).toHaveLength(1);
    }),
  );
  expect(counts).toEqual([1, 1, 100, 100, 48]);
  expect(await countRows()).toBe(250);
});

it('the same number never goes in one write with itself: other content under it is a conflict with a record', async () => {
  const { record, counts } = open();
  await Promise.all([record(update(1)), record(update(2)), record(update(3)), record(update(4)), record(update(3, 'other'))]);
  expect(counts).toEqual([1, 1, 2, 1]);
  expect(await countRows()).toBe(4);
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'inbox.conflict', after: { external_ids: ['3'] } });
});

it('one that the store does not take keeps out no other', async () => {
  const { record, counts } = open();
  const bad = { ...update(3), payload: { text: 'a\u0000b' } };
  const ends = await Promise.allSettled([record(update(1)), record(update(2)), record(bad), record(update(4))]);
  expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(counts).toEqual([1, 1, 2, 1, 1]);
  expect(await countRows()).toBe(3);
});

it('a store that is away is asked once, and all of them hear of it', async () => {
  const { record, counts } = open({ fail: () => new AppError('store_unavailable') });
  const ends = await Promise.allSettled(Array.from({ length: 20 }, (_, index) => record(update(index))));
  expect(ends.every(({ status }) => status === 'rejected')).toBe(true);
  expect(counts).toEqual([1, 1, 18]);
});
