import pg from 'pg';
import type { EmbeddedDatabase } from '../../src/embedded/pglite.ts';
import { PgliteConnection } from '../../src/embedded/pglite-connection.ts';

/** Runs one statement as the owner and answers its rows. */
export type Sql = (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;

/** The owner's connection to an embedded database, opened with the first statement. */
export function makeOwnerSql(db: EmbeddedDatabase): { sql: Sql; close(): Promise<void> } {
  let opening: Promise<pg.Client> | undefined;
  const open = async () => {
    // `connection` is an option of pg that its types leave out.
    const client = new pg.Client({ connection: new PgliteConnection(db.session) } as pg.ClientConfig);
    await client.connect();
    return client;
  };
  return {
    async sql(text, values) {
      opening ??= open();
      return (await (await opening).query<Record<string, unknown>>(text, values)).rows;
    },
    async close() {
      await (await opening)?.end();
    },
  };
}
