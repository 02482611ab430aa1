import type { IsSet } from './variables.ts';

/** A process that dies on purpose has no place in production: whatever is not known to be a test is refused. */
export function listCrashProblems(isSet: IsSet, nodeEnv: string | undefined): string[] {
  if (!isSet('AGS_CRASH_AT') || nodeEnv === 'test') return [];
  return ['AGS_CRASH_AT: ends the process in the middle of its work, and is for tests alone (NODE_ENV=test); unset it'];
}
