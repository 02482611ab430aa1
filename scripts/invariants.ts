/**
 * `npm run invariants [-- --json]`: asks a database whether everything that must be true of it is. The database is MIGRATE_DATABASE_URL, else
 * DATABASE_URL, with the owner's login; else the embedded one under DATA_DIR, when no process holds it. Changes nothing in it, except that an
 * embedded one of an older version is brought up to date, as by a start. Exit code 1: something is violated; 2: it could not be asked.
 */
import { INVARIANTS, type Invariant, listViolations, type ReadRows } from '../src/store/invariants.ts';
import { withDatabase } from './read-database.ts';

const VIOLATED = 1;
const NOT_ASKED = 2;
/** Enough to see what kind of rows they are. */
const SHOWN = 5;

async function check(read: ReadRows, invariant: Invariant, asJson: boolean): Promise<boolean> {
  const rows = await listViolations(read, invariant);
  const { id, title } = invariant;
  const shown = rows.slice(0, SHOWN);
  if (asJson) console.log(JSON.stringify({ id, title, isOk: rows.length === 0, count: rows.length, rows: shown }));
  else if (rows.length === 0) console.log(`${id} ok ${title}`);
  else {
    const more = rows.length > SHOWN ? ', …' : '';
    console.log(`${id} VIOLATED ${rows.length} ${rows.length === 1 ? 'row' : 'rows'}: ${shown.join(', ')}${more} — ${title}`);
  }
  return rows.length === 0;
}

try {
  const asJson = process.argv.includes('--json');
  await withDatabase(process.env, async (read) => {
    for (const invariant of INVARIANTS) if (!(await check(read, invariant, asJson))) process.exitCode = VIOLATED;
  });
} catch (thrown) {
  console.error(`could not ask: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  process.exitCode = NOT_ASKED;
}
