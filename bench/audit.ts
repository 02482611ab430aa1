import pg from 'pg';
import { migratePostgres } from '../scripts/migrate-postgres.ts';
import { startPrivatePostgres } from '../scripts/private-postgres.ts';
import { makeAnchor } from '../src/store/anchors.ts';
import { verifyAudit } from '../src/store/audit.ts';
import { DATABASE_ROLES, makeRpc } from '../src/store/rpc.ts';
import { makePostgresTransport } from '../src/store/transports/postgres.ts';
import { median, report } from './measure.ts';

const RECORDS = 1_000_000;
/** Of one task, as a post with two approvals leaves them. */
const RECORDS_PER_TASK = 25;
/** Tasks whose records are written in turn, as by a fleet. */
const TASKS_AT_ONCE = 1_000;
const ROUNDS = 3;

/** One record for each of these chains, in the form and with the hash of the program's own. */
const APPEND = `
  with next as (
    select h.chain, h.seq + 1 as seq, h.hash as prev_hash, 'agent:exec:v1' as actor, 'step.complete' as action, h.chain || '/act' as object, clock_timestamp() as ts,
      jsonb_build_object('status', 'running') as before,
      jsonb_build_object('status', 'done', 'output_ref', 'supa://tasks/' || h.chain || '/act.md', 'quality_score', 0.8889, 'output_checksum', h.hash) as after
    from public.audit_heads h where h.chain = any ($1)
  ), written as (
    insert into public.audit_logs (chain, seq, actor, action, object, before_json, after_json, ts, prev_hash, hash)
    select chain, seq, actor, action, object, before, after, ts, prev_hash, public._audit_hash(prev_hash, chain, seq, actor, action, object, before, after, ts) from next
    returning chain, seq, hash
  )
  update public.audit_heads h set seq = w.seq, hash = w.hash from written w where w.chain = h.chain`;

async function fill(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('set role ags_owner');
    for (let first = 0; first < RECORDS / RECORDS_PER_TASK; first += TASKS_AT_ONCE) {
      const chains = Array.from({ length: TASKS_AT_ONCE }, (_, index) => `T-2026-01-01-${String(first + index + 1).padStart(5, '0')}`);
      await client.query(
        "insert into public.audit_heads (chain, seq, hash) select c, 0, encode(sha256(convert_to(c, 'UTF8')), 'hex') from unnest($1::text[]) c",
        [chains],
      );
      for (let record = 0; record < RECORDS_PER_TASK; record += 1) await client.query(APPEND, [chains]);
    }
    await client.query('reset role');
    await client.query('analyze');
  } finally {
    await client.end();
  }
}

/** `/audit verify` over a million records under one anchor: every hash, every link, every head, the tree. */
export async function measureAudit(): Promise<boolean[]> {
  const server = await startPrivatePostgres({ isDurable: true });
  try {
    await migratePostgres(server.url);
    await fill(server.url);
    const transport = makePostgresTransport({
      connectionString: server.url,
      roles: DATABASE_ROLES,
      maxConnectionsPerRole: 4,
      connectTimeoutMs: 20_000,
    });
    try {
      await makeAnchor(makeRpc(transport, 'ags_worker'), 0);
      const elapsed: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const startedAtMs = performance.now();
        const proof = await verifyAudit(makeRpc(transport, 'ags_reader'));
        elapsed.push(performance.now() - startedAtMs);
        if (proof.recordCount !== RECORDS || proof.problems.length > 0)
          throw new Error(`expected ${RECORDS} good records, got ${JSON.stringify(proof)}`);
      }
      return [report({ figure: 'audit: 1,000,000 records verified', value: median(elapsed), unit: 'ms', goal: 5_000, samples: ROUNDS })];
    } finally {
      await transport.close();
    }
  } finally {
    await server.stop();
  }
}
