/** `npm run db:types`: writes `src/store/database.types.ts` from the schema that the migrations make. With `--check`, compares it instead. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { writeOrCheck } from './generated-file.ts';
import { migratePostgres } from './migrate-postgres.ts';
import { startPrivatePostgres } from './private-postgres.ts';

const TYPES_FILE = new URL('../src/store/database.types.ts', import.meta.url).pathname;
const CLI = new URL('../node_modules/.bin/supabase', import.meta.url).pathname;
const MAX_BYTES = 64 * 1024 * 1024;

const postgres = await startPrivatePostgres();
try {
  await migratePostgres(postgres.url);
  const args = ['gen', 'types', '--lang=typescript', '--schema=public', `--remote=${postgres.url}?sslmode=disable`];
  const { stdout } = await promisify(execFile)(CLI, args, { maxBuffer: MAX_BYTES });
  if (!stdout.trimStart().startsWith('export type')) throw new Error(`supabase gen types answered something else: ${stdout.slice(0, 300)}`);
  await writeOrCheck(TYPES_FILE, stdout, { isCheck: process.argv.includes('--check'), command: 'npm run db:types' });
} finally {
  await postgres.stop();
}
