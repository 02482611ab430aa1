import { messages, protocol } from '@electric-sql/pglite';
import type { DatabaseRole, Transport } from '../store/rpc.ts';
import { makeSqlCall, parseSqlResult } from '../store/transports/sql-call.ts';
import { type BackendMessage, concatBytes, type PgliteSession, readTransactionStatus, throwIfFailed } from './pglite-session.ts';

const { serialize } = protocol;

/**
 * Calls functions on PGlite. Every call is `begin; set local role …; select …; commit` as prepared statements in one batch, so that the
 * role holds exactly for the one statement and the engine is entered once. An error skips the rest of the batch; the rollback follows it.
 */
export function makePgliteTransport(session: PgliteSession): Transport {
  // The same bytes for every call: made once for each statement.
  const fixed = new Map<string, Uint8Array>();

  async function toBytes(text: string): Promise<Uint8Array> {
    const known = fixed.get(text);
    if (known !== undefined) return known;
    const bytes = concatBytes([serialize.bind({ statement: await session.prepare(text) }), serialize.execute({})]);
    fixed.set(text, bytes);
    return bytes;
  }

  async function run(role: DatabaseRole, name: string, args: Record<string, unknown>): Promise<unknown> {
    const { text, values } = makeSqlCall(name, args);
    const batch = [await toBytes('begin'), await toBytes(`set local role ${role}`)];
    batch.push(serialize.bind({ statement: await session.prepare(text), values }), serialize.execute({}));
    batch.push(await toBytes('commit'), serialize.sync());
    return readResult(await send(concatBytes(batch)));
  }

  async function send(batch: Uint8Array): Promise<BackendMessage[]> {
    const answer = await session.send(batch);
    if (readTransactionStatus(answer) !== 'I') await session.send(serialize.query('rollback'));
    throwIfFailed(answer);
    return answer;
  }

  return {
    call: (role, name, args, signal) => withLock(session, signal, () => run(role, name, args)),
    async ping(signal) {
      await withLock(session, signal, () => send(serialize.query('select 1')));
    },
    // The database outlives its transports; whoever opened it closes it.
    async close() {},
  };
}

async function withLock<T>(session: PgliteSession, signal: AbortSignal | undefined, fn: () => Promise<T>): Promise<T> {
  const release = await session.acquire();
  try {
    signal?.throwIfAborted();
    return await fn();
  } finally {
    release();
  }
}

function readResult(answer: readonly BackendMessage[]): unknown {
  const row = answer.find((message) => message instanceof messages.DataRowMessage);
  return parseSqlResult(row?.fields[0]);
}
