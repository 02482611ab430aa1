import { afterAll, beforeEach, expect, test } from 'vitest';
import { claimUpdates, completeUpdate, recordUpdates, renewUpdates } from '../../../src/store/inbox.ts';
import { openTestDatabase } from '../../support/database.ts';
import { lastRecord } from '../../support/story-world.ts';

const db = await openTestDatabase();
afterAll(() => db.close());
beforeEach(() => db.sql('delete from public.inbox'));
const bot = db.rpc('ags_bot');

const update = (externalId: number, chatKey: string, isUrgent = false) => ({
  externalId: String(externalId),
  chatKey,
  isUrgent,
  payload: { id: externalId },
});
const record = (...updates: ReturnType<typeof update>[]) => recordUpdates(bot, 'telegram', updates);
const take = async (limit = 10, worker = 'bot-1') =>
  (await claimUpdates(bot, { worker, limit, leaseSeconds: 60 })).map(({ externalId }) => externalId);
async function finish(externalId: string, outcome: 'processed' | 'rejected' | 'retry' = 'processed', worker = 'bot-1') {
  const [row] = await db.sql('select inbox_id from public.inbox where external_id = $1', [externalId]);
  return completeUpdate(bot, { inboxId: Number(row?.inbox_id), worker, outcome, error: null });
}
const makeDue = () => db.sql('update public.inbox set not_before = null');
const loseLeases = () => db.sql(`update public.inbox set lease_expires_at = now() - interval '1 second' where status = 'processing'`);

test('one of each chat at a time, in the order they came', async () => {
  await record(update(1, 'a'), update(2, 'b'), update(3, 'a'), update(4, 'b'));
  expect(await take()).toEqual(['1', '2']);
  expect(await take(10, 'bot-2')).toEqual([]);
  await finish('2');
  expect(await take(10, 'bot-2')).toEqual(['4']);
  await finish('1');
  expect(await take()).toEqual(['3']);
});

test('a press that was stored before the message it followed comes after it', async () => {
  await record(update(12, 'a'));
  await record(update(9, 'b'), update(10, 'a'));
  await record(update(11, 'a'));
  for (const number of ['10', '11', '12']) {
    expect(await take()).toContain(number);
    await finish(number);
  }
});

test('what has no number of Telegram’s keeps the order of its arrival', async () => {
  const keys = ['z', '7', 'a'];
  for (const externalId of keys) await recordUpdates(bot, 'tradingview', [{ ...update(1, 'desk'), externalId }]);
  for (const externalId of keys) {
    expect(await take()).toEqual([externalId]);
    await finish(externalId);
  }
});

test('an urgent one waits for nobody, and goes before chats that fill the batch', async () => {
  await record(update(1, 'a'), update(2, 'b'), update(3, 'c'));
  expect(await take(1)).toEqual(['1']);
  await record(update(4, 'a', true), update(5, 'z', true));
  expect(await take(1)).toEqual(['4']);
  expect(await take(2)).toEqual(['5', '2']);
});

test('who has no hand free takes urgent ones alone, and those that are due', async () => {
  await record(update(1, 'a'), update(2, 'b'), update(3, 'a', true), update(4, 'c', true));
  const takeUrgent = async (limit: number) =>
    (await claimUpdates(bot, { worker: 'bot-1', limit, leaseSeconds: 60, isUrgentOnly: true })).map(({ externalId }) => externalId);
  expect(await takeUrgent(1)).toEqual(['3']);
  await finish('3', 'retry');
  await db.sql(`update public.inbox set not_before = now() + interval '1 minute' where external_id = '3'`);
  expect(await takeUrgent(10)).toEqual(['4']);
  expect(await takeUrgent(10)).toEqual([]);
  expect(await take()).toEqual(['1', '2']);
});

test('the oldest chat goes first, whatever it is called', async () => {
  await record(update(1, 'zebra'), update(2, 'ant'), update(3, 'bee'));
  expect(await take(1)).toEqual(['1']);
  expect(await take(1)).toEqual(['2']);
});

test('a chat that has hundreds waiting holds up no other', async () => {
  const flood = Array.from({ length: 1_200 }, (_, index) => update(index + 1, 'flood'));
  await record(...flood, update(5_001, 'quiet'), update(5_002, 'calm'));
  expect(await take()).toEqual(['1', '5001', '5002']);
  expect(await take()).toEqual([]);
  await finish('1');
  expect(await take()).toEqual(['2']);
});

test('the same update again is stored once; other content under its number is a conflict with a record', async () => {
  expect(await record(update(1, 'a'))).toEqual({ recorded: 1, conflicts: [] });
  expect(await record(update(1, 'a'), update(2, 'a'))).toEqual({ recorded: 1, conflicts: [] });
  const forged = { ...update(1, 'a'), payload: { id: 666 } };
  expect(await record(forged)).toEqual({ recorded: 0, conflicts: ['1'] });
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'inbox.conflict', after: { external_ids: ['1'] } });
  expect(await recordUpdates(db.rpc('ags_bot'), 'tradingview', [update(1, 'a')])).toEqual({ recorded: 1, conflicts: [] });
});

test('two bodies under one number in one batch are a conflict as well: the first is stored', async () => {
  expect(await record(update(1, 'a'), { ...update(1, 'a'), payload: { id: 666 } })).toEqual({ recorded: 1, conflicts: ['1'] });
  expect(await db.sql('select payload from public.inbox')).toEqual([{ payload: { id: 1 } }]);
});

test('a retry waits, keeps its chat waiting, and is set aside after the third', async () => {
  await record(update(1, 'a'), update(2, 'a'));
  for (const status of ['pending', 'pending', 'dead']) {
    await makeDue();
    expect(await take()).toEqual(['1']);
    expect(await finish('1', 'retry')).toEqual({ status });
    await db.sql(`update public.inbox set not_before = now() + interval '1 minute' where status = 'pending' and external_id = '1'`);
    if (status === 'pending') expect(await take()).toEqual([]);
  }
  expect(await take()).toEqual(['2']);
  expect(await db.sql(`select payload_json ->> 'summary' as summary from public.events where type = 'INCIDENT_RAISED'`)).toHaveLength(1);
});

test('an urgent retry waits too: it is not used up within the same second', async () => {
  await record(update(1, 'a', true));
  await take();
  await finish('1', 'retry');
  await db.sql(`update public.inbox set not_before = now() + interval '1 minute'`);
  expect(await take()).toEqual([]);
});

test('what a dead process held goes to the next, and a worker that lost it ends nothing', async () => {
  await record(update(1, 'a'));
  await take();
  await loseLeases();
  expect(await take(10, 'bot-2')).toEqual(['1']);
  expect(await finish('1', 'processed', 'bot-1')).toEqual({ status: null });
  expect(await finish('1', 'rejected', 'bot-2')).toEqual({ status: 'rejected' });
});

test('an update that takes every process with it is set aside, and its chat goes on', async () => {
  await db.sql('delete from public.events; delete from public.incidents');
  await record(update(1, 'a'), update(2, 'a'));
  for (let life = 1; life <= 3; life += 1) {
    expect(await take()).toEqual(['1']);
    await loseLeases();
  }
  expect(await take()).toEqual(['2']);
  expect(await db.sql(`select status from public.inbox where external_id = '1'`)).toEqual([{ status: 'dead' }]);
  expect(await db.sql(`select 1 from public.events where type = 'INCIDENT_RAISED'`)).toHaveLength(1);
});

test('what a process has in hand stays its own for as long as it says so; what another took meanwhile does not', async () => {
  await record(update(1, 'a'), update(2, 'b'));
  await take(10, 'bot-1');
  await loseLeases();
  const kept = await renewUpdates(bot, { worker: 'bot-1', leaseSeconds: 60 });
  expect(kept).toHaveLength(2);
  expect(await take(10, 'bot-2')).toEqual([]);
  await loseLeases();
  expect(await take(1, 'bot-2')).toEqual(['1']);
  expect(await renewUpdates(bot, { worker: 'bot-1', leaseSeconds: 60 })).toEqual([]);
});
