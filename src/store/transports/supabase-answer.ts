import { PostgrestError } from '@supabase/supabase-js';
import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { NOT_A_PROJECT, toSilent } from './supabase-fetch.ts';

/** How PostgREST reports an error, PostgreSQL's own included; a gateway before it gives a message at most. */
const Refusal = z.object({
  code: z.string().optional().catch(undefined),
  message: z.string().catch(''),
  details: z.string().nullish().catch(null),
  hint: z.string().nullish().catch(null),
});
type Refusal = z.infer<typeof Refusal>;

/** PostgREST looks functions up itself; PostgreSQL would have said undefined_function and ambiguous_function. */
const AS_SQLSTATE: Record<string, string> = { PGRST202: '42883', PGRST203: '42725' };
/** PostgREST has no connection to the database, or none free, or has not read its schema yet: the function did not run. */
const NOT_RUN = new Set(['PGRST000', 'PGRST001', 'PGRST002', 'PGRST003']);
/** A token that does not verify, that is missing, or whose times are wrong. */
const TOKEN_REFUSED = new Set(['PGRST301', 'PGRST302', 'PGRST303']);
const JWT_SECRET_REFUSED =
  'SUPABASE_JWT_SECRET: Supabase refused a token that was signed with it; set the project’s legacy JWT secret (Project Settings, JWT Keys), ' +
  'see that it is not revoked and that this machine’s clock is right, or unset it to call with the secret key alone';
const SECRET_KEY_REFUSED =
  'SUPABASE_SECRET_KEY: Supabase refused the key; set a secret key (sb_secret_…) or the service_role key of the project at SUPABASE_URL ' +
  '(Project Settings, API Keys)';
const UNAVAILABLE = new Set([408, 425, 429, 502, 503, 504]);

/** Throws unless this is an answer of PostgREST that holds the function's result. An error of PostgreSQL comes with its SQLSTATE in `code`. */
export async function assertAnswered(response: Response, hasRoleTokens: boolean): Promise<void> {
  if (!response.ok) throw toThrown(response.status, await readRefusal(response), hasRoleTokens);
  const type = response.headers.get('content-type') ?? '';
  if (response.status === 204 || /^application\/(.+\+)?json\b/.test(type)) return;
  throw new AppError(
    'store_unavailable',
    `SUPABASE_URL: expected an answer in JSON, got ${type || 'no type'}; is it the address of the API?`,
  );
}

async function readRefusal(response: Response): Promise<Refusal> {
  const text = await response.text();
  try {
    return Refusal.parse(JSON.parse(text));
  } catch {
    // A page of a proxy. It may be long and says nothing that the status does not.
    return { message: '' };
  }
}

function toThrown(status: number, { code, message, details, hint }: Refusal, hasRoleTokens: boolean): Error {
  const sqlstate = code === undefined ? undefined : (AS_SQLSTATE[code] ?? (/^[0-9A-Z]{5}$/.test(code) ? code : undefined));
  if (sqlstate !== undefined) return new PostgrestError({ code: sqlstate, message, details: details ?? '', hint: hint ?? '' });
  const context = { status, ...(code === undefined ? {} : { postgrest: code }) };
  if (status === 401) return toKeyRefused(code, hasRoleTokens, context);
  const said = message === '' ? `${status}` : `${status}, ${message.slice(0, 200)}`;
  if (NOT_RUN.has(code ?? '')) {
    const problem = `SUPABASE_URL: the project does not reach its database (${said}); see whether it is starting, paused or out of connections`;
    return new AppError('store_unavailable', problem, { context: { ...context, wasDelivered: false } });
  }
  // Above 520 is Cloudflare, before the project; 540 is a project that is paused.
  if (UNAVAILABLE.has(status) || status >= 520) return new AppError('store_unavailable', toSilent(said), { context });
  // PostgREST gives a code to whatever it says; this comes from somebody else.
  if (status === 404 && code === undefined) return toConfigError(NOT_A_PROJECT, context);
  return new AppError('store_failed', `SUPABASE_URL: the project refused the call (${said})`, { context });
}

function toKeyRefused(code: string | undefined, hasRoleTokens: boolean, context: Record<string, unknown>): AppError {
  if (hasRoleTokens && TOKEN_REFUSED.has(code ?? '')) return toConfigError(JWT_SECRET_REFUSED, { ...context, isTokenRefused: true });
  return toConfigError(SECRET_KEY_REFUSED, context);
}

/** Not for ever: whoever mends the setting at Supabase's end need not start this program again. */
function toConfigError(problem: string, context: Record<string, unknown>): AppError {
  return new AppError('config_invalid', problem, { context: { ...context, problems: [problem] }, retry: 'later' });
}
