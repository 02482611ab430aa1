import pg from 'pg';
import { AppError, toAppError } from '../errors.ts';

export interface Connecting {
  /** The variable that holds the address, for the sentence. */
  variable: string;
  connectionString: string;
  /** The role that the connection starts as; absent where it stays the login. */
  role?: string;
}

interface Facts {
  /** Where, and as whom; the password never. */
  where: string;
  login: string;
  role: string;
  message: string;
}

const toNoRole = ({ where, role }: Pick<Facts, 'where' | 'role'>) =>
  `${where} has no role ${role}, so it has no migrations of this program; run npm run migrate with MIGRATE_DATABASE_URL set to the login of its owner`;

/** A pooler between refuses the role, or drops it: then every statement would run as the login. */
const toPoolerProblem = ({ where, role, login }: Pick<Facts, 'where' | 'role' | 'login'>) =>
  `${where} does not pass the role ${role} on, as a transaction pooler does not; take the direct connection or the session pooler (port 5432) ` +
  `without options in the address, or, for a login of this one role, run: alter role "${login}" set role = '${role}'`;

/** What the server answered by SQLSTATE, and what to do about it. */
const REFUSALS: Record<string, (facts: Facts) => string> = {
  '28P01': ({ login, where }) => `${where} does not take the password of the login ${login}; correct it`,
  '28000': ({ login, where, message }) => `${where} does not let the login ${login} in (${message}); correct the login, or allow it there`,
  '3D000': ({ where, message }) => `${where} has no such database (${message}); correct the name, or create it`,
  '22023': ({ where, role, message }) =>
    role === '' ? `${where} refuses the settings in the address (${message}); correct them` : toNoRole({ where, role }),
  '42501': ({ login, role, message }) =>
    role === ''
      ? `the login ${login} may not connect (${message}); grant it the right to`
      : `the login ${login} may not connect as ${role} (${message}); as the owner run: grant ${role} to "${login}"`,
  '08P01': (facts) => toPoolerProblem(facts),
};

/** TLS codes of Node: the server is there, but not known to be the one that is meant. */
const CERTIFICATE = /^(SELF_SIGNED_CERT|DEPTH_ZERO_SELF_SIGNED|UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER|CERT_|ERR_TLS_CERT)/;

/** Said by the driver itself, which has no codes: what is missing in the address, and no waiting helps. */
const DRIVER_REFUSALS: readonly { sign: RegExp; says(where: string): string }[] = [
  {
    sign: /client password must be a/,
    says: (where) => `${where} asks for a password and the address has none; write it as postgresql://login:password@host:5432/database`,
  },
  {
    sign: /server does not support SSL/,
    says: (where) => `${where} does not speak TLS; take sslmode out of the address, or turn TLS on there`,
  },
];

/**
 * The sentence for a connection that could not be made: config_invalid where somebody has to change something, store_unavailable where
 * waiting may help. Answers of the server that say neither come back as they are, with their SQLSTATE.
 */
export function toConnectionError(thrown: unknown, { variable, connectionString, role = '' }: Connecting): unknown {
  const { message } = toAppError(thrown);
  const facts = { ...toPlace(connectionString), role, message };
  const code = toCode(thrown);
  if (thrown instanceof AppError) return thrown;
  if (thrown instanceof pg.DatabaseError) {
    const refusal = REFUSALS[code];
    return refusal ? new AppError('config_invalid', `${variable}: ${refusal(facts)}`, { cause: thrown }) : thrown;
  }
  if (CERTIFICATE.test(code)) {
    const remedy = 'add sslrootcert=<file of its authority> to the address';
    return new AppError('config_invalid', `${variable}: the certificate of ${facts.where} cannot be verified (${message}); ${remedy}`, {
      cause: thrown,
    });
  }
  const refusal = DRIVER_REFUSALS.find(({ sign }) => sign.test(message));
  if (refusal !== undefined) return new AppError('config_invalid', `${variable}: ${refusal.says(facts.where)}`, { cause: thrown });
  const problem = `PostgreSQL does not answer at ${facts.where} (${message === '' ? code : message}); start it, or check host and port`;
  return new AppError('store_unavailable', `${variable}: ${problem}`, { cause: thrown });
}

/** Throws config_invalid when the session is not under the role that it was opened as. */
export async function assertRole(
  client: Pick<pg.ClientBase, 'query'>,
  { variable, connectionString, role }: Required<Connecting>,
): Promise<void> {
  const { rows } = await client.query<{ role: string }>('select current_user::text as role');
  const actual = rows[0]?.role;
  if (actual === role) return;
  const problem = toPoolerProblem({ ...toPlace(connectionString), role });
  throw new AppError('config_invalid', `${variable}: ${problem}`, { context: { expected: role, actual } });
}

function toCode(thrown: unknown): string {
  return typeof thrown === 'object' && thrown !== null && 'code' in thrown ? String(thrown.code) : '';
}

function toPlace(connectionString: string): { where: string; login: string } {
  if (!URL.canParse(connectionString)) return { where: 'the address', login: '' };
  const { host, username } = new URL(connectionString);
  return { where: host || 'the local socket', login: decodeURIComponent(username) };
}
