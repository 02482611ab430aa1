import { AppError } from '../errors.ts';

/** What a refused Bot API call is answered with. */
export interface Refusal {
  status: number;
  description: string;
  retryAfter: number | undefined;
  migrateToChatId?: number | undefined;
}

const PREFIX: Record<number, string> = { 400: 'Bad Request', 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found', 409: 'Conflict' };

/** Refuses a Bot API call with Telegram's own words; the prefix of the status is added. */
export function refuse(description: string, status = 400, migrateToChatId?: number): never {
  const prefix = PREFIX[status];
  throw new AppError('telegram_refused', prefix ? `${prefix}: ${description}` : description, { context: { status, migrateToChatId } });
}

export function refuseFlood(retryAfterSeconds: number): never {
  throw new AppError('telegram_flood', `Too Many Requests: retry after ${retryAfterSeconds}`, {
    context: { status: 429, retryAfterSeconds },
  });
}

/** Reads a thrown refusal back; anything else is the sandbox's own mistake and is answered as Telegram's 500. */
export function toRefusal(thrown: unknown): Refusal {
  if (thrown instanceof AppError && typeof thrown.context.status === 'number') {
    const { retryAfterSeconds: retryAfter, migrateToChatId } = thrown.context;
    return {
      status: thrown.context.status,
      description: thrown.message,
      retryAfter: typeof retryAfter === 'number' ? retryAfter : undefined,
      migrateToChatId: typeof migrateToChatId === 'number' ? migrateToChatId : undefined,
    };
  }
  return { status: 500, description: 'Internal Server Error: the sandbox failed', retryAfter: undefined };
}
