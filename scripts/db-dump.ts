/** `npm run db:dump`: writes `supabase/schema.sql`, the schema that the migrations make. With `--check`, compares it instead. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { writeOrCheck } from './generated-file.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { findBindir, startPrivatePostgres } from './private-postgres.ts';

const SCHEMA_FILE = new URL('../supabase/schema.sql', import.meta.url).pathname;
const MAX_DUMP_BYTES = 64 * 1024 * 1024;

async function dumpSchema(url: string): Promise<string> {
  const args = ['--schema-only', '--no-owner', '--schema=public', `--dbname=${url}`];
  const { stdout } = await promisify(execFile)(join(await findBindir(), 'pg_dump'), args, { maxBuffer: MAX_DUMP_BYTES });
  return normalise(stdout);
}

/** Takes out what depends on the server's and the tool's version, and the random key that newer pg_dumps print. */
function normalise(dump: string): string {
  const lines = dump.split('\n').filter((line) => !/^(-- Dumped (from|by)|\\(un)?restrict |SET |SELECT pg_catalog\.set_config)/.test(line));
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
}

const postgres = await startPrivatePostgres();
try {
  await migratePostgres(postgres.url);
  const isCheck = process.argv.includes('--check');
  await writeOrCheck(SCHEMA_FILE, await dumpSchema(postgres.url), { isCheck, command: 'npm run db:dump' });
} finally {
  await postgres.stop();
}
