import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import type { Anchor } from '../../../src/domain/evidence/anchor.ts';
import { verifyAudit } from '../../../src/store/audit.ts';
import { approveTask, openStory, planTask, runToEnd } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';
import { anchor, makeOwnerRpc, takeGuardsAway, verify } from './support.ts';

const db = await openStory();
afterAll(() => db.close());
const owner = makeOwnerRpc(db);
const kept: Anchor[] = [];

beforeAll(async () => {
  for (const _ of [1, 2, 3]) {
    await runToEnd(db, (await approveTask(db)).taskId);
    await planTask(db, { by: PEOPLE.operator });
    kept.push(await anchor(db));
  }
  await takeGuardsAway(db);
});

/** Numbers from 0 to below 1, the same ones for the same seed (mulberry32). */
function makeRandom(seed: number) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Victim {
  chain: string;
  seq: number;
  length: number;
}
/** Each takes place in one chain, at or before its last anchored record. */
type Tamper = (victim: Victim, random: () => number) => Promise<void>;

const EDITS = [
  `actor = 'tg:999'`,
  `action = 'task.forge'`,
  `object = object || 'x'`,
  `after_json = '{"goal": "something else"}'`,
  `before_json = '{"status": "held"}'`,
  `ts = ts - interval '1 microsecond'`,
  `ts = ts + interval '1 day'`,
];
const at = ({ chain, seq }: Victim): unknown[] => [chain, seq];
const pick = <T>(items: readonly T[], random: () => number): T => items[Math.floor(random() * items.length)] as T; // an index below the length

const TAMPERS: Record<string, Tamper> = {
  async edit(victim, random) {
    await db.sql(`update public.audit_logs set ${pick(EDITS, random)} where chain = $1 and seq = $2`, at(victim));
  },
  async delete(victim) {
    await db.sql('delete from public.audit_logs where chain = $1 and seq = $2', at(victim));
  },
  async reorder({ chain, seq, length }, random) {
    const other = ((seq - 1 + 1 + Math.floor(random() * (length - 1))) % length) + 1;
    await db.sql(
      `update public.audit_logs l set actor = o.actor, action = o.action, object = o.object, before_json = o.before_json, after_json = o.after_json, ts = o.ts
       from public.audit_logs o where l.chain = $1 and o.chain = $1 and ((l.seq = $2 and o.seq = $3) or (l.seq = $3 and o.seq = $2))`,
      [chain, seq, other],
    );
  },
  // Before the record, so that it is at or before the last anchor whatever the chain's length.
  async insert({ chain, seq }) {
    await db.sql('update public.audit_logs set seq = seq + 1 where chain = $1 and seq >= $2', [chain, seq]);
    await db.sql(
      `insert into public.audit_logs (chain, seq, actor, action, object, after_json, ts, prev_hash, hash)
       select chain, seq - 1, 'tg:101', 'approval.approve', 'T3-ABCD', '{"decision": "approve"}', ts, prev_hash, hash from public.audit_logs where chain = $1 and seq = $2 + 1`,
      [chain, seq],
    );
  },
  async cutTail({ chain, seq }) {
    await db.sql('delete from public.audit_logs where chain = $1 and seq >= $2', [chain, seq]);
    await db.sql(
      "update public.audit_heads h set seq = $2 - 1, hash = coalesce((select hash from public.audit_logs where chain = $1 and seq = $2 - 1), encode(sha256(convert_to($1, 'UTF8')), 'hex')) where chain = $1",
      [chain, seq],
    );
  },
  async dropChain({ chain }) {
    await db.sql('delete from public.audit_logs where chain = $1', [chain]);
    await db.sql('delete from public.audit_heads where chain = $1', [chain]);
  },
};

/** Everything as it was when an earlier anchor was made: the state of an old dump. */
async function restoreDump(random: () => number): Promise<void> {
  const number = Math.floor(random() * kept.length);
  await db.sql(
    `delete from public.audit_logs l where l.seq > coalesce((select max(to_seq) from public.anchor_chains c where c.chain = l.chain and c.anchor_number <= $1), 0)`,
    [number],
  );
  await db.sql('delete from public.audit_heads h where not exists (select from public.audit_logs l where l.chain = h.chain)');
  await db.sql(
    'update public.audit_heads h set (seq, hash) = (select l.seq, l.hash from public.audit_logs l where l.chain = h.chain order by l.seq desc limit 1)',
  );
  await db.sql('delete from public.anchor_chains where anchor_number > $1', [number]);
  await db.sql('delete from public.anchors where anchor_number > $1', [number]);
}

async function pickVictim(random: () => number): Promise<Victim> {
  const rows = await db.sql(
    `select c.chain, max(c.to_seq)::int as length from public.anchor_chains c group by c.chain having max(c.to_seq) > 1 order by c.chain collate "C"`,
  );
  const { chain, length } = pick(rows, random);
  return { chain: String(chain), length: Number(length), seq: 1 + Math.floor(random() * Number(length)) };
}

/** How much the hand knows: only the rows, also how chains are hashed, also how anchors are made. */
const SKILLS = ['rows', 'chains', 'anchors'] as const;

async function tamperOnce(seed: number): Promise<string> {
  const random = makeRandom(seed);
  const kinds = [...Object.keys(TAMPERS), 'restoreDump'];
  const kind = pick(kinds, random);
  const skill = pick(SKILLS, random);
  if (kind === 'restoreDump') {
    await restoreDump(random);
    return kind;
  }
  const victim = await pickVictim(random);
  await TAMPERS[kind]?.(victim, random);
  if (skill !== 'rows') await db.sql('select forgery.rehash($1)', [victim.chain]);
  if (skill === 'anchors') await db.sql('select forgery.reanchor()');
  return `${kind} ${victim.chain}/${victim.seq} by one who knows ${skill}`;
}

const TIMES = 500;

test(`${TIMES} tampers at or before the last anchor, of every kind and by hands of every skill: all of them found`, async () => {
  expect(await verifyAudit(owner, { kept })).toMatchObject({ problems: [], unanchoredCount: 0, anchorCount: kept.length });
  const kinds = new Set<string>();
  const missed: string[] = [];
  for (let seed = 1; seed <= TIMES; seed += 1) {
    await db.sql('begin');
    const done = await tamperOnce(seed);
    kinds.add(`${done.split(' ')[0]} ${done.split(' ').at(-1)}`);
    // The newest copy from outside is enough: it covers all those before it.
    const { problems } = await verifyAudit(owner, { kept: kept.slice(-1) });
    if (problems.length === 0) missed.push(`${seed}: ${done}`);
    await db.sql('rollback');
  }
  expect(missed).toEqual([]);
  // Six kinds by three skills, and the dump.
  expect(kinds.size).toBe(19);
  expect(await verify(db, kept)).toMatchObject({ problems: [] });
}, 300_000);

test.each(['rows', 'chains'])('without any copy from outside, the anchors in the database find what knows only %s', async (skill) => {
  const missed: string[] = [];
  for (const [index, [kind, tamper]] of Object.entries(TAMPERS).entries()) {
    const random = makeRandom(index + 1);
    await db.sql('begin');
    const victim = await pickVictim(random);
    await tamper(victim, random);
    if (skill === 'chains') await db.sql('select forgery.rehash($1)', [victim.chain]);
    const { problems } = await verifyAudit(owner);
    if (problems.length === 0) missed.push(kind);
    else expect(problems[0]?.chain ?? victim.chain).toBe(victim.chain);
    await db.sql('rollback');
  }
  expect(missed).toEqual([]);
});

test('the first wrong record is named', async () => {
  await db.sql('begin');
  const [row] = await db.sql(
    `select chain from public.audit_logs where chain like 'T-%' group by chain order by count(*) desc, chain limit 1`,
  );
  await db.sql(`update public.audit_logs set actor = 'tg:999' where chain = $1 and seq in (3, 5)`, [row?.chain]);
  const { problems } = await verifyAudit(owner);
  await db.sql('rollback');
  expect(problems[0]).toEqual({ chain: row?.chain, seq: 3, problem: 'changed', number: null });
});

/** Written by a hand that knows how records are hashed: what it says of itself is right, record by record. */
const FORGED: Record<string, { change: string; problem: string }> = {
  'a record with a hash of its own is found by the one that follows': {
    change: `update public.audit_logs set actor = 'tg:999', hash = public._audit_hash(prev_hash, chain, seq, 'tg:999', action, object, before_json, after_json, ts) where chain = $1 and seq = 2`,
    problem: 'out_of_line',
  },
  'a record that was taken out is found by the numbers, though those after it were tied to the ones before': {
    change: `with recursive rest as (
        select l.*, row_number() over (order by l.seq) as place from public.audit_logs l where l.chain = $1 and l.seq <> 3
      ), forged (id, place, prev_hash, hash) as (
        select id, place, prev_hash, hash from rest where place = 1
        union all
        select r.id, r.place, f.hash, public._audit_hash(f.hash, r.chain, r.seq, r.actor, r.action, r.object, r.before_json, r.after_json, r.ts)
        from forged f join rest r on r.place = f.place + 1
      ), gone as (
        delete from public.audit_logs where chain = $1 and seq = 3
      )
      update public.audit_logs l set prev_hash = f.prev_hash, hash = f.hash from forged f where l.id = f.id`,
    problem: 'missing',
  },
};

test.each(Object.entries(FORGED))('%s', async (_, { change, problem }) => {
  await db.sql('begin');
  const [row] = await db.sql(
    `select chain from public.audit_logs where chain like 'T-%' group by chain order by count(*) desc, chain limit 1`,
  );
  await db.sql(change, [row?.chain]);
  const range = { p_after_chain: null, p_after_seq: null, p_until_chain: null, p_until_seq: null };
  const proof = await owner.call('verify_audit_range', range, z.looseObject({ problems: z.array(z.unknown()) }));
  await db.sql('rollback');
  expect(proof.problems[0]).toEqual({ chain: row?.chain, seq: 3, problem, number: null });
});

test('ranges of any size cover every record once', async () => {
  const whole = await verify(db);
  for (const rangeSize of [1, 2, 7, 1_000]) {
    const { recordCount, chainCount, problems } = await verifyAudit(owner, { rangeSize });
    expect({ recordCount, chainCount, problems }).toEqual({ recordCount: whole.recordCount, chainCount: whole.chainCount, problems: [] });
  }
  const [row] = await db.sql('select count(*)::int as records, count(distinct chain)::int as chains from public.audit_logs');
  expect(whole).toMatchObject({ recordCount: row?.records, chainCount: row?.chains });
});
