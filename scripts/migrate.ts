/** `npm run migrate`: brings MIGRATE_DATABASE_URL, else DATABASE_URL, up to `supabase/migrations`. Exit code 78: somebody has to change something. */
import { parseMigrateUrl } from '../src/config/migrate-url.ts';
import { AppError } from '../src/errors.ts';
import { nameMigrations } from '../src/store/applied-migrations.ts';
import { migratePostgres } from './migrate-postgres.ts';

const EX_CONFIG = 78;

try {
  const { variable, url } = parseMigrateUrl(process.env);
  const applied = await migratePostgres(url.reveal(), {
    variable,
    onWaiting: () => console.log('somebody else is migrating this database: waiting'),
    onApplied: ({ version, name }) => console.log(`applied ${version}_${name}`),
    onUnknown: (migrations) => console.log(`the database is newer than this program, which goes on working: ${nameMigrations(migrations)}`),
  });
  console.log(applied.length === 0 ? 'nothing to apply: the database is up to date' : `${applied.length} applied`);
} catch (thrown) {
  console.error(thrown instanceof Error ? thrown.message : thrown);
  process.exitCode = thrown instanceof AppError && thrown.code === 'config_invalid' ? EX_CONFIG : 1;
}
