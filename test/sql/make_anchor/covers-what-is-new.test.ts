import { afterAll, expect, test } from 'vitest';
import { ANCHOR_START, hashAnchor } from '../../../src/domain/evidence/anchor.ts';
import { listUnkeptAnchors, loadAnchorState, makeAnchor, recordAnchorKept, recordAnchorProblem } from '../../../src/store/anchors.ts';
import { DATABASE_ROLES } from '../../../src/store/rpc.ts';
import { openStory, planTask } from '../../support/stories.ts';
import { anchor, verify } from '../verify_audit/support.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const countRecords = async () => Number((await db.sql('select count(*)::int as n from public.audit_logs'))[0]?.n);

test('there is none before the oldest record is as old as the interval', async () => {
  expect(await makeAnchor(worker, 3_600)).toEqual({ outcome: 'not_due', anchor: null });
  expect(await verify(db)).toMatchObject({ anchorCount: 0, last: null, unanchoredCount: await countRecords(), problems: [] });
});

test('the first one covers everything, and follows the start of all anchors', async () => {
  await planTask(db);
  const made = await anchor(db);
  expect(made).toMatchObject({ number: 1, prev_hash: ANCHOR_START, record_count: await countRecords(), chain_count: 2 });
  expect(hashAnchor(made)).toBe(made.hash);
  expect(await verify(db, [made])).toMatchObject({ unanchoredCount: 0, unanchoredSince: null, problems: [] });
});

test('with nothing new there is no further one, and none within the interval', async () => {
  expect(await makeAnchor(worker, 0)).toEqual({ outcome: 'nothing_new', anchor: null });
  await planTask(db);
  expect(await makeAnchor(worker, 3_600)).toEqual({ outcome: 'not_due', anchor: null });
});

test('the next one covers only what is new, and follows the one before', async () => {
  const [first] = await listUnkeptAnchors(worker, 'chat', 1);
  const before = await verify(db);
  const made = await anchor(db);
  expect(made).toMatchObject({ number: 2, prev_hash: first?.hash, record_count: before.unanchoredCount });
  expect(before.unanchoredSince).not.toBeNull();
});

test('a negative interval is refused', async () => {
  await expect(makeAnchor(worker, -1)).rejects.toMatchObject({ code: 'input_invalid' });
});

test('where a copy stands is recorded once, and the trouble with a place is over when it is', async () => {
  await recordAnchorProblem(worker, { number: 1, place: 'url', problem: 'no answer' });
  expect((await loadAnchorState(db.rpc('ags_bot'))).problems).toMatchObject([
    { place: 'url', number: 1, problem: 'no answer', waiting: 2 },
  ]);
  expect(await recordAnchorKept(worker, { number: 1, place: 'url', reference: 'file:///a' })).toEqual({ reference: 'file:///a' });
  expect(await recordAnchorKept(worker, { number: 1, place: 'url', reference: 'file:///b' })).toEqual({ reference: 'file:///a' });
  expect(await loadAnchorState(db.rpc('ags_bot'))).toMatchObject({ problems: [], places: { url: 1 } });
  expect((await listUnkeptAnchors(worker, 'url', 10)).map(({ number }) => number)).toEqual([2]);
  await expect(recordAnchorKept(worker, { number: 99, place: 'url', reference: 'x' })).rejects.toMatchObject({ code: 'not_found' });
});

const TABLES = ['audit_logs', 'anchors', 'anchor_chains', 'anchor_places'];
const CHANGES = TABLES.flatMap((table) => [
  [`update public.${table} set ${table === 'audit_logs' ? 'actor' : 'anchor_number'} = ${table === 'audit_logs' ? "'tg:1'" : '7'}`],
  [`delete from public.${table}`],
  [`truncate public.${table} cascade`],
]);

test.each(CHANGES)('no role of the program can run %s, and not even the owner', async (statement) => {
  for (const role of DATABASE_ROLES) {
    await db.sql(`set role ${role}`);
    await expect(db.sql(statement), role).rejects.toMatchObject({ code: '42501' });
    await db.sql('reset role');
  }
  await db.sql('set role ags_owner');
  await expect(db.sql(statement)).rejects.toMatchObject({ code: 'ZT002' });
  await db.sql('reset role');
});

test.each(TABLES)('no role of the program can write into %s directly', async (table) => {
  for (const role of DATABASE_ROLES) {
    await db.sql(`set role ${role}`);
    await expect(db.sql(`insert into public.${table} default values`), role).rejects.toMatchObject({ code: '42501' });
    await db.sql('reset role');
  }
});
