import { AppError } from '../errors.ts';

/** The fields of supabase-js' storage errors that say something; which of them are there depends on the server's age. */
interface StorageFailure {
  status?: number;
  statusCode?: string;
  code?: string;
  message: string;
}

/** Codes of newer servers, where the status says less than they do. */
const AS_STATUS: Record<string, number> = {
  NoSuchKey: 404,
  NoSuchBucket: 404,
  ResourceAlreadyExists: 409,
  KeyAlreadyExists: 409,
  BucketAlreadyExists: 409,
  EntityTooLarge: 413,
  InvalidJWT: 401,
  ExpiredToken: 401,
  SlowDown: 429,
};
const UNAVAILABLE = new Set([408, 423, 425, 429]);

/** Storage answers nearly every error with HTTP 400 and puts the status that it means into the body. */
export function statusOf({ status, statusCode, code }: StorageFailure): number | undefined {
  const meant = AS_STATUS[code ?? ''] ?? AS_STATUS[statusCode ?? ''] ?? Number(statusCode);
  return Number.isInteger(meant) ? meant : status;
}

/** Says in the application's words what Storage refused, or that it could not be reached. */
export function toStorageError(error: StorageFailure, uri: string): AppError {
  // What our own `fetch` threw comes wrapped as "unknown".
  if ('originalError' in error && error.originalError instanceof AppError) return error.originalError;
  const status = statusOf(error);
  const options = { context: { uri, status, code: error.code }, cause: error };
  if (status === undefined)
    return new AppError('store_failed', `Storage answered something that cannot be read: ${error.message}`, options);
  if (status === 401 || status === 403) return toKeyRefused(options);
  if (status === 413)
    return new AppError('input_invalid', 'The artifact is larger than the project’s Storage takes; raise its upload limit', options);
  if (status >= 500 || UNAVAILABLE.has(status))
    return new AppError('store_unavailable', `Storage does not answer: ${status}, ${error.message}`, options);
  return new AppError('store_failed', `Storage refused ${uri}: ${status}, ${error.message}`, options);
}

function toKeyRefused({ context, cause }: { context: Record<string, unknown>; cause: unknown }): AppError {
  const problem =
    'SUPABASE_SECRET_KEY: Supabase Storage refused the key; set a secret key (sb_secret_…) or the service_role key of the project at SUPABASE_URL';
  return new AppError('config_invalid', problem, { context: { ...context, problems: [problem] }, cause, retry: 'later' });
}
