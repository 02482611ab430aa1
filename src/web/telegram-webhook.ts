import { createHash, timingSafeEqual } from 'node:crypto';
import { Hono, type MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { HTTPException } from 'hono/http-exception';
import { type Secret, TELEGRAM_WEBHOOK_PATH } from '../config.ts';
import { toAppError } from '../errors.ts';
import type { IncomingUpdate } from '../store/inbox.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { gatherUpdates } from './gathered-updates.ts';

/** A Bot API method with its parameters, as the body of the answer to an update: Telegram carries it out. */
export interface WebhookReply {
  method: string;
  [parameter: string]: unknown;
}

/** Answers what cannot wait for its turn in the inbox; null when there is nothing to say. May be asked about the same update twice. */
export type AnswerAtOnce = (update: unknown, signal: AbortSignal) => Promise<WebhookReply | null>;

export interface TelegramWebhookDeps {
  /** What Telegram was told to send along. */
  secretToken: Secret;
  /** As `ags_web`. */
  rpc: Rpc;
  /** An update as a row of the inbox; null when it has no number. Throws while the bot has not started. */
  intake(payload: unknown): IncomingUpdate | null;
  /** Something new is in the inbox. */
  onStored(): void;
  answerAtOnce?: AnswerAtOnce;
  answerTimeoutMs?: number;
  log: Logger;
  metrics: Pick<Metrics, 'updates'>;
}

const SECRET_HEADER = 'X-Telegram-Bot-Api-Secret-Token';
/** The longest message is some 30 KB with its entities. */
const MAX_BODY_BYTES = 1 << 20;
/** Telegram waits 10 s for the answer to a checkout, with its own way there and back. */
const ANSWER_TIMEOUT_MS = 5_000;
/** Nobody can go on, in Telegram's client, until these are answered. */
const URGENT_KINDS = ['pre_checkout_query', 'chat_join_request'];

/**
 * Telegram's way in. An update is answered with 200 only once its row stands; whatever goes wrong before makes Telegram send it again,
 * and the inbox knows it by its number. Errors of the store rise to the app, which answers 503.
 */
export function makeTelegramWebhook(deps: TelegramWebhookDeps): Hono {
  const app = new Hono();
  const gathered = gatherUpdates(deps.rpc, 'telegram');
  const refuse = () => {
    throw new HTTPException(413);
  };
  app.post(TELEGRAM_WEBHOOK_PATH, makeGuard(deps), bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuse }), async (context) => {
    const payload = await readJson(context.req.raw);
    const update = deps.intake(payload);
    if (update === null) throw new HTTPException(400);
    await gathered.record(update);
    deps.metrics.updates.inc();
    notify(deps);
    const reply = isUrgent(payload) ? await tryAnswer(payload, update, deps) : null;
    return reply === null ? context.body(null, 200) : context.json(reply);
  });
  return app;
}

/** Compares digests: they have one length, so that the time tells nothing about the secret, not even how long it is. */
function makeGuard({ secretToken, log }: TelegramWebhookDeps): MiddlewareHandler {
  const expected = digest(secretToken.reveal());
  return async (context, next) => {
    const given = context.req.header(SECRET_HEADER);
    if (given === undefined || !timingSafeEqual(digest(given), expected)) {
      log.warn({ hasSecret: given !== undefined }, 'an update without the right secret was refused');
      throw new HTTPException(401);
    }
    await next();
  };
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

async function readJson(request: Request): Promise<unknown> {
  const text = await request.text();
  try {
    return JSON.parse(text);
  } catch {
    throw new HTTPException(400);
  }
}

/** The row stands and is found without it. */
function notify({ onStored, log }: TelegramWebhookDeps): void {
  try {
    onStored();
  } catch (thrown) {
    log.warn({ err: toAppError(thrown) }, 'nobody could be told of an update, it is found by looking');
  }
}

const isUrgent = (payload: unknown): boolean =>
  typeof payload === 'object' && payload !== null && URGENT_KINDS.some((kind) => kind in payload);

/** What did not work is left to whoever handles the row: the update is stored, and Telegram has no reason to send it again. */
async function tryAnswer(payload: unknown, { externalId }: IncomingUpdate, deps: TelegramWebhookDeps): Promise<WebhookReply | null> {
  if (deps.answerAtOnce === undefined) return null;
  const signal = AbortSignal.timeout(deps.answerTimeoutMs ?? ANSWER_TIMEOUT_MS);
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    // It may not listen to its signal.
    return await Promise.race([deps.answerAtOnce(payload, signal), timeout]);
  } catch (thrown) {
    deps.log.error({ err: toAppError(thrown), externalId }, 'an update that waits for its answer could not be answered at once');
    return null;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
