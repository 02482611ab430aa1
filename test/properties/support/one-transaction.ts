import { messages, protocol } from '@electric-sql/pglite';
import { type BackendMessage, concatBytes, throwIfFailed } from '../../../src/embedded/pglite-session.ts';
import { type DatabaseRole, makeRpc, type Transport } from '../../../src/store/rpc.ts';
import { makeSqlCall, parseSqlResult } from '../../../src/store/transports/sql-call.ts';
import type { TestDatabase } from '../../support/database.ts';
import type { StoryDatabase } from '../../support/story-world.ts';

const { serialize } = protocol;

export interface OneTransaction extends StoryDatabase {
  /** Leaves everything as it was. */
  rollback(): Promise<void>;
}

/**
 * Everything in one transaction that is never committed: each call under its role and a savepoint, as if it had a transaction of its own, and
 * the owner's statements between them. Thousands of stories begin with the same database this way, without a copy for each of them.
 */
export async function beginTransaction({ db }: TestDatabase): Promise<OneTransaction> {
  const release = await db.session.acquire();
  const send = (...parts: Uint8Array[]) => db.session.send(concatBytes([...parts, serialize.sync()]));
  const bind = async (text: string, values: (string | null)[] = []) =>
    concatBytes([
      serialize.bind({ statement: await db.session.prepare(text), values }),
      serialize.describe({ type: 'P' }),
      serialize.execute({}),
    ]);

  async function call(role: DatabaseRole, name: string, args: Record<string, unknown>): Promise<unknown> {
    const { text, values } = makeSqlCall(name, args);
    const before = [await bind('savepoint call'), await bind(`set local role ${role}`)];
    const answer = await send(...before, await bind(text, values), await bind('set local role none'), await bind('release savepoint call'));
    const failed = answer.find((message) => message instanceof messages.DatabaseError);
    if (failed) await send(await bind('rollback to savepoint call'), await bind('release savepoint call'));
    throwIfFailed(answer);
    return parseSqlResult(toRows(answer)[0]?.result);
  }

  const transport: Transport = { call, ping: async () => undefined, close: async () => undefined };
  throwIfFailed(await send(await bind('begin')));
  return {
    rpc: (role) => makeRpc(transport, role),
    async sql(text, values = []) {
      const answer = await send(await bind(text, values.map(String)));
      throwIfFailed(answer);
      return toRows(answer);
    },
    async rollback() {
      await send(await bind('rollback')).finally(release);
    },
  };
}

/** Rows as the wire has them: every value a text. */
function toRows(answer: readonly BackendMessage[]): Record<string, string | null>[] {
  let names: string[] = [];
  const rows: Record<string, string | null>[] = [];
  for (const message of answer) {
    if (message instanceof messages.RowDescriptionMessage) names = message.fields.map(({ name }) => name);
    else if (message instanceof messages.DataRowMessage)
      rows.push(Object.fromEntries(names.map((name, index) => [name, message.fields[index] ?? null])));
  }
  return rows;
}
