import { AppError } from '../errors.ts';
import type { Secret } from './secret.ts';
import { Variables } from './variables.ts';

const NAMES = ['MIGRATE_DATABASE_URL', 'DATABASE_URL'] as const;

/** The owner's login: the first of the two variables that is set. Throws config_invalid when neither is, or when it is no such address. */
export function parseMigrateUrl(env: Readonly<Record<string, string | undefined>>): { variable: (typeof NAMES)[number]; url: Secret } {
  const variable = NAMES.find((name) => (env[name] ?? '').trim() !== '');
  if (variable === undefined) {
    const remedy = 'set it (or DATABASE_URL) to the address of the PostgreSQL to migrate, with the login of its owner';
    throw new AppError('config_invalid', `MIGRATE_DATABASE_URL: is missing; ${remedy}`);
  }
  const { data: url, error } = Variables.shape[variable].safeParse(env[variable]?.trim());
  if (url) return { variable, url };
  throw new AppError('config_invalid', `${variable}: ${error?.issues.map(({ message }) => message).join('; ')}`);
}
