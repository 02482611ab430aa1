/**
 * One error class and its table of codes. A refusal ("policy says no") is a value, not an error; what is thrown here is a
 * surprise, a bad input at a door, or a provider that did not answer. People read the text that `bot/errors.ts` has for the code.
 */
export const ERROR_CODES = {
  config_invalid: { retry: 'never', message: 'The configuration is not usable' },
  data_dir_locked: { retry: 'never', message: 'Another process uses this data directory' },
  policy_invalid: { retry: 'never', message: 'The policy is not valid' },
  input_invalid: { retry: 'never', message: 'The input is not valid' },
  not_found: { retry: 'never', message: 'There is no such thing' },
  not_allowed: { retry: 'never', message: 'This is not allowed' },
  state_conflict: { retry: 'never', message: 'It is not in the state that this needs' },
  idempotency_conflict: { retry: 'never', message: 'The same key came with another input' },
  lease_lost: { retry: 'never', message: 'Another worker has taken this step' },
  store_unavailable: { retry: 'later', message: 'The database does not answer' },
  queue_unavailable: { retry: 'later', message: 'The queue does not answer' },
  short_term_unavailable: { retry: 'later', message: 'Short-term memory does not answer' },
  store_failed: { retry: 'never', message: 'The database refused the call' },
  artifact_missing: { retry: 'later', message: 'A stored artifact cannot be read' },
  artifact_corrupt: { retry: 'never', message: 'A stored artifact does not match its checksum' },
  engine_unavailable: { retry: 'later', message: 'The model does not answer' },
  engine_timeout: { retry: 'later', message: 'The model did not answer in time' },
  engine_refused: { retry: 'never', message: 'The model refused to answer' },
  engine_rejected: { retry: 'never', message: 'The model server rejected the request' },
  output_invalid: { retry: 'never', message: 'The model’s answer does not have the agreed form' },
  rate_limited: { retry: 'later', message: 'This happened too often for now' },
  overloaded: { retry: 'later', message: 'Too much work waits already' },
  budget_exhausted: { retry: 'never', message: 'The budget is used up' },
  plan_invalid: { retry: 'never', message: 'The plan is not acceptable' },
  agent_failed: { retry: 'later', message: 'The agent could not finish' },
  telegram_unavailable: { retry: 'later', message: 'Telegram does not answer' },
  telegram_refused: { retry: 'never', message: 'Telegram refused the request' },
  telegram_flood: { retry: 'later', message: 'Telegram asks to wait' },
  not_its_turn: { retry: 'later', message: 'Another process polls for this bot; waiting' },
  unknown_outcome: { retry: 'never', message: 'It is not known whether it happened' },
  aborted: { retry: 'later', message: 'It was interrupted by the shutdown' },
  internal: { retry: 'never', message: 'Something unexpected happened' },
} as const satisfies Record<string, { retry: 'never' | 'later'; message: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;

export interface AppErrorOptions {
  /** Ids and numbers that help to find the cause; never secrets, never text that people wrote. */
  context?: Record<string, unknown>;
  cause?: unknown;
  /** Overrides the code's own answer to "is another try worth it?". */
  retry?: 'never' | 'later';
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly context: Record<string, unknown>;
  readonly retry: 'never' | 'later';

  constructor(code: ErrorCode, message?: string, { context = {}, cause, retry }: AppErrorOptions = {}) {
    super(message ?? ERROR_CODES[code].message, { cause });
    this.name = 'AppError';
    this.code = code;
    this.context = context;
    this.retry = retry ?? ERROR_CODES[code].retry;
  }
}

/** Makes an AppError of anything that was thrown; an AppError stays itself. */
export function toAppError(thrown: unknown, code: ErrorCode = 'internal'): AppError {
  if (thrown instanceof AppError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new AppError(code, message, { cause: thrown });
}
