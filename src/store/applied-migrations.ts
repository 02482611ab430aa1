import type { Migration } from './migrations.ts';

/** What the database's own record says about one migration. */
export interface AppliedMigration {
  version: string;
  /** Null where somebody recorded the version by hand. */
  name: string | null;
  /** Its first comment promises that programs older than it go on working. */
  keepsRunningCode: boolean;
}

export interface SchemaDifference {
  /** The program has them, the database has not. */
  missing: readonly Migration[];
  /** The database has them, the program does not know them. */
  unknown: readonly AppliedMigration[];
}

/** What differs between a program's migrations and those that a database has had. */
export function compareMigrations(migrations: readonly Migration[], applied: readonly AppliedMigration[]): SchemaDifference {
  const known = new Set(migrations.map(({ version }) => version));
  const done = new Set(applied.map(({ version }) => version));
  return {
    missing: migrations.filter(({ version }) => !done.has(version)),
    unknown: applied.filter(({ version }) => !known.has(version)),
  };
}

const MAX_NAMED = 3;

/** Names some migrations for a sentence: `20250101000000_create_one and 4 more`. */
export function nameMigrations(migrations: readonly { version: string; name: string | null }[]): string {
  const names = migrations.slice(0, MAX_NAMED).map(({ version, name }) => (name === null ? version : `${version}_${name}`));
  const rest = migrations.length - names.length;
  return rest === 0 ? names.join(', ') : `${names.join(', ')} and ${rest} more`;
}
