import { AppError, type ErrorCode } from '../errors.ts';

/** Our own SQLSTATEs, raised by the functions in `supabase/migrations`. */
const OWN_STATES: Record<string, ErrorCode> = {
  ZT001: 'state_conflict',
  ZT002: 'store_failed',
  ZT003: 'not_found',
  ZT004: 'not_allowed',
  ZT005: 'idempotency_conflict',
  ZT006: 'lease_lost',
  ZT007: 'input_invalid',
  ZT008: 'budget_exhausted',
  ZT009: 'plan_invalid',
};

/** insufficient_privilege: a role called what it may not. */
const NOT_PRIVILEGED = '42501';

/** serialization_failure and deadlock_detected: PostgreSQL undid the transaction and asks for it again. */
const RETRYABLE = new Set(['40001', '40P01']);

/** query_canceled: the server ends statements that take longer than it allows. */
const CUT_OFF = '57014';

/**
 * It passes, by itself or when somebody has made room, and says nothing about the call: no memory, disk or connection left (53), going
 * down or coming up (57P), a lock that is held too long, a server that only reads for now; plus what Node says when there is nobody to
 * talk to. What these refused was not done.
 */
const UNAVAILABLE = new Set([
  ...RETRYABLE,
  CUT_OFF,
  '53000',
  '53100',
  '53200',
  '53300',
  '53400',
  '55P03',
  '25006',
  '57P01',
  '57P02',
  '57P03',
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** What drivers throw: pg and PGlite say `detail`, PostgREST says `details`. */
interface DriverError {
  code: string | undefined;
  message: string;
  detail: string | undefined;
  hint: string | undefined;
}

export function isRetryable(thrown: unknown): boolean {
  return RETRYABLE.has(toDriverError(thrown).code ?? '');
}

/** Translates what a transport threw; `isCutOff` marks what the server ended because it took too long. This is the one place where a SQLSTATE is read. */
export function toStoreError(thrown: unknown, context: Record<string, unknown>): AppError {
  if (thrown instanceof AppError) return thrown;
  const { code: sqlstate, message, detail, hint } = toDriverError(thrown);
  const code = toCode(sqlstate);
  const full = { ...context, ...toContext(detail), sqlstate, ...(hint === undefined ? {} : { hint }) };
  return new AppError(code, message, { context: sqlstate === CUT_OFF ? { ...full, isCutOff: true } : full, cause: thrown });
}

function toCode(sqlstate: string | undefined): ErrorCode {
  if (sqlstate === undefined) return 'store_failed';
  const own = OWN_STATES[sqlstate];
  if (own) return own;
  if (sqlstate === NOT_PRIVILEGED) return 'not_allowed';
  return sqlstate.startsWith('08') || UNAVAILABLE.has(sqlstate) ? 'store_unavailable' : 'store_failed';
}

/** Our functions put a JSON object into DETAIL; PostgreSQL's own details are sentences that may quote a row, and stay out. */
function toContext(detail: string | undefined): Record<string, unknown> {
  if (!detail?.startsWith('{')) return {};
  try {
    const parsed: unknown = JSON.parse(detail);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

function toDriverError(thrown: unknown): DriverError {
  const fields: Record<string, unknown> = typeof thrown === 'object' && thrown !== null ? { ...thrown } : {};
  const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);
  const message = thrown instanceof Error ? thrown.message : (text(fields.message) ?? String(thrown));
  return { code: text(fields.code), message, detail: text(fields.detail) ?? text(fields.details), hint: text(fields.hint) };
}
