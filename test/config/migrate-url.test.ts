import { expect, test } from 'vitest';
import { parseMigrateUrl } from '../../src/config/migrate-url.ts';

const OWNER = 'postgresql://owner:secret@db.example.com:5432/postgres';
const LOGIN = 'postgresql://login:secret@db.example.com:5432/postgres';

test('the owner’s login comes first, the process’s own when there is none', () => {
  const first = parseMigrateUrl({ MIGRATE_DATABASE_URL: ` ${OWNER} `, DATABASE_URL: LOGIN });
  expect({ ...first, url: first.url.reveal() }).toEqual({ variable: 'MIGRATE_DATABASE_URL', url: OWNER });
  const second = parseMigrateUrl({ MIGRATE_DATABASE_URL: '', DATABASE_URL: LOGIN });
  expect({ ...second, url: second.url.reveal() }).toEqual({ variable: 'DATABASE_URL', url: LOGIN });
});

test.each([
  [{}, /^MIGRATE_DATABASE_URL: is missing/],
  [{ MIGRATE_DATABASE_URL: 'http://db.example.com', DATABASE_URL: LOGIN }, /^MIGRATE_DATABASE_URL: expected an address/],
  [{ DATABASE_URL: 'postgresql://owner:secret@aws-0.pooler.supabase.com:6543/postgres' }, /^DATABASE_URL: .*transaction pooler/],
])('%j is refused by name, without the password', (env, message) => {
  expect(() => parseMigrateUrl(env)).toThrow(expect.objectContaining({ code: 'config_invalid', message: expect.stringMatching(message) }));
  expect(() => parseMigrateUrl(env)).not.toThrow(/secret/);
});
