/** Opens the database of a directory and writes entries without end, printing each number after its commit. Exit code 78 when it is locked. */

import { openEmbeddedDatabase } from '../../../src/embedded/pglite.ts';
import { AppError } from '../../../src/errors.ts';
import { makeOwnerSql } from '../../support/owner-sql.ts';

const [dataDir = '', first = '0'] = process.argv.slice(2);
const migrationsDir = new URL('./migrations/', import.meta.url).pathname;
try {
  const db = await openEmbeddedDatabase({ storage: { dataDir }, migrationsDir, log: { info: () => undefined } });
  const { sql } = makeOwnerSql(db);
  process.stdout.write('open\n');
  for (let number = Number(first); ; number += 1) {
    await sql('insert into public.entries values ($1)', [number]);
    process.stdout.write(`${number}\n`);
    // Lets the line out: a batch is done before the event loop turns.
    await new Promise((resolve) => setImmediate(resolve));
  }
} catch (thrown) {
  process.stdout.write(`${thrown instanceof Error ? thrown.message : thrown}\n`);
  process.exitCode = thrown instanceof AppError && thrown.code === 'data_dir_locked' ? 78 : 1;
}
