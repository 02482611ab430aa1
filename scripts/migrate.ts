/** `npm run migrate`: brings MIGRATE_DATABASE_URL, else DATABASE_URL, up to `supabase/migrations`. */
import { AppError } from '../src/errors.ts';
import { migratePostgres } from './migrate-postgres.ts';

const EX_CONFIG = 78;

const url = process.env.MIGRATE_DATABASE_URL || process.env.DATABASE_URL;
if (!url) {
  console.error('Set MIGRATE_DATABASE_URL (or DATABASE_URL) to the URL of the PostgreSQL to migrate, with the owner’s login.');
  process.exit(EX_CONFIG);
}
try {
  const applied = await migratePostgres(url, ({ version, name }) => console.log(`applied ${version}_${name}`));
  console.log(applied.length === 0 ? 'nothing to apply: the database is up to date' : `${applied.length} applied`);
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = thrown instanceof AppError && thrown.code === 'config_invalid' ? EX_CONFIG : 1;
}
