import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { explainTask } from '../../../src/store/tasks.ts';
import { approveTask, openStory, planTask, runToEnd } from '../../support/stories.ts';
import { listActions } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const Proof = z.object({ is_intact: z.boolean(), first_bad_seq: z.number().nullable(), records: z.number() });
const verify = (chain: string) => db.rpc('ags_reader').call('verify_audit_chain', { p_chain: chain }, Proof);

/** What only the server's owner can do, and only by taking the guard away first. */
async function tamper(statement: string, values: unknown[]) {
  await db.sql('alter table public.audit_logs disable trigger all');
  await db.sql(statement, values);
  await db.sql('alter table public.audit_logs enable trigger all');
}

async function finishedTask() {
  const { taskId } = await approveTask(db);
  await runToEnd(db, taskId);
  return taskId;
}

test('every task has a chain of its own, from its first record to its last, and it proves itself', async () => {
  const taskId = await finishedTask();
  const actions = await listActions(db, taskId);
  expect(actions[0]).toBe('task.create');
  expect(actions.at(-1)).toBe('task.end');
  expect(await verify(taskId)).toEqual({ is_intact: true, first_bad_seq: null, records: actions.length });
  expect(await verify('system')).toMatchObject({ is_intact: true });
  expect(await explainTask(db.rpc('ags_reader'), taskId)).toMatchObject({ chain: { isIntact: true }, status: 'done' });
  const [row] = await db.sql('select count(distinct chain)::int as chains from public.audit_logs where object like $1', [`${taskId}%`]);
  expect(row).toEqual({ chains: 1 });
});

test.each([
  [`update public.audit_logs set actor = 'tg:1'`, 'ZT002'],
  ['delete from public.audit_logs', 'ZT002'],
  ['truncate public.audit_logs', 'ZT002'],
  ['truncate public.audit_logs, public.audit_heads cascade', 'ZT002'],
])('not even the owner can run %s', async (statement, code) => {
  const before = await db.sql('select count(*) from public.audit_logs');
  await expect(db.sql(statement)).rejects.toMatchObject({ code });
  await expect(db.sql(`set role ags_owner; ${statement}`)).rejects.toMatchObject({ code });
  await db.sql('reset role');
  expect(await db.sql('select count(*) from public.audit_logs')).toEqual(before);
});

test.each([
  ['changed', `update public.audit_logs set after_json = '{"goal": "something else"}' where chain = $1 and seq = 1`, 1],
  ['changed in its actor', `update public.audit_logs set actor = 'tg:999' where chain = $1 and seq = 3`, 3],
  ['moved in time', `update public.audit_logs set ts = ts + interval '1 microsecond' where chain = $1 and seq = 2`, 2],
  ['taken out', 'delete from public.audit_logs where chain = $1 and seq = 4', 4],
])('a record that was %s is found', async (_how, statement, seq) => {
  const taskId = await planTask(db);
  await runToEnd(db, taskId);
  await tamper(statement, [taskId]);
  expect(await verify(taskId)).toMatchObject({ is_intact: false, first_bad_seq: seq, records: seq - 1 });
});

test('a record that was rewritten with a hash of its own is found by the next one', async () => {
  const taskId = await planTask(db);
  await tamper(
    `update public.audit_logs set actor = 'tg:999', hash = public._audit_hash(prev_hash, chain, seq, 'tg:999', action, object, before_json, after_json, ts)
     where chain = $1 and seq = 2`,
    [taskId],
  );
  expect(await verify(taskId)).toMatchObject({ is_intact: false, first_bad_seq: 3, records: 2 });
});

test('a last record that was cut off is found by the head', async () => {
  const taskId = await planTask(db);
  const length = (await listActions(db, taskId)).length;
  await tamper('delete from public.audit_logs where chain = $1 and seq = (select max(seq) from public.audit_logs where chain = $1)', [
    taskId,
  ]);
  expect(await verify(taskId)).toMatchObject({ is_intact: false, first_bad_seq: length });
});

test('two records never follow the same one', async () => {
  const taskId = await planTask(db);
  const copy = `insert into public.audit_logs (chain, seq, actor, action, object, ts, prev_hash, hash)
    select chain, seq + 100, actor, action, object, ts, prev_hash, 'x' from public.audit_logs where chain = $1 and seq = 2`;
  await expect(db.sql(copy, [taskId])).rejects.toMatchObject({ code: '23505', constraint: 'audit_logs_chain_never_forks' });
});

test('fields cannot be shifted into each other', async () => {
  const hash = (actor: string, action: string) =>
    db.sql(`select public._audit_hash('p', 'c', 1, $1, $2, 'o', null, null, '2025-01-01') as hash`, [actor, action]);
  expect(await hash('ab', 'c')).not.toEqual(await hash('a', 'bc'));
});

test('an empty chain is intact', async () => {
  expect(await verify('T-2025-01-01-0001')).toEqual({ is_intact: true, first_bad_seq: null, records: 0 });
});
