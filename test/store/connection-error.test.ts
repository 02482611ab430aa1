import pg from 'pg';
import { expect, test } from 'vitest';
import { toConnectionError } from '../../src/store/connection-error.ts';

const connecting = {
  variable: 'DATABASE_URL',
  connectionString: 'postgresql://worker:hidden@db.example.com:5432/postgres',
  role: 'ags_worker',
};

function answer(code: string, message: string): pg.DatabaseError {
  const error = new pg.DatabaseError(message, 0, 'error');
  error.code = code;
  return error;
}
const network = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each([
  [answer('28P01', 'password authentication failed for user "worker"'), 'config_invalid', /password of the login worker/],
  [answer('28000', 'no pg_hba.conf entry'), 'config_invalid', /does not let the login worker in \(no pg_hba/],
  [answer('3D000', 'database "postgres" does not exist'), 'config_invalid', /no such database/],
  [answer('42501', 'permission denied to set role "ags_worker"'), 'config_invalid', /grant ags_worker to "worker"/],
  [answer('22023', 'role "ags_worker" does not exist'), 'config_invalid', /npm run migrate/],
  [answer('08P01', 'unsupported startup parameter: options'), 'config_invalid', /session pooler/],
  [network('DEPTH_ZERO_SELF_SIGNED_CERT', 'self-signed certificate'), 'config_invalid', /sslrootcert/],
  [network('ECONNREFUSED', 'connect ECONNREFUSED'), 'store_unavailable', /does not answer at db\.example\.com:5432/],
  // Node tells several addresses at once with an empty message.
  [network('ETIMEDOUT', ''), 'store_unavailable', /ETIMEDOUT/],
])('%s', (thrown, code, text) => {
  const error = toConnectionError(thrown, connecting);
  expect(error).toMatchObject({ code, cause: thrown, message: expect.stringMatching(/^DATABASE_URL: /) });
  expect(error).toMatchObject({ message: expect.stringMatching(text) });
  expect(String(error)).not.toContain('hidden');
});

test('a server that is only busy keeps its own answer, so that it is tried again', () => {
  const thrown = answer('53300', 'sorry, too many clients already');
  expect(toConnectionError(thrown, connecting)).toBe(thrown);
});
