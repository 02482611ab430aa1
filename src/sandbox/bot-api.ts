import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { type Context, Hono } from 'hono';
import type { FailurePlan } from './failures.ts';
import { loadFileBytes } from './files.ts';
import type { FloodLimiter } from './flood.ts';
import type { NodeEnv } from './guard.ts';
import type { Hub } from './hub.ts';
import type { Ledger } from './ledger.ts';
import type { Method } from './methods/context.ts';
import { findMethod } from './methods/index.ts';
import type { Params } from './params.ts';
import { readParams } from './read-params.ts';
import { type Refusal, refuse, refuseFlood, toRefusal } from './refusal.ts';
import type { FailureKind, ReceivedCall } from './telegram.ts';
import type { Poller } from './update-queue.ts';

export interface BotApiOptions {
  hub: Hub;
  poller: Poller;
  flood: FloodLimiter;
  failures: FailurePlan;
  ledger: Ledger;
  botToken: string;
  clock: () => Date;
}

/** `/bot<token>/<method>` and `/file/bot<token>/<path>`, with Telegram's envelope, codes and words. */
export function makeBotApi(options: BotApiOptions): Hono<NodeEnv> {
  const app = new Hono<NodeEnv>();
  app.get('/file/:bot{bot[^/]+}/:path{.+}', (context) => serveFile(context, options));
  app.on(['GET', 'POST'], '/:bot{bot[^/]+}/:method', async (context) => {
    const { hub, ledger, failures, botToken, clock } = options;
    const denied = checkToken(context.req.param('bot'), botToken);
    if (denied) return denied;
    const name = context.req.param('method');
    const read = await tryRead(context.req.raw);
    if ('refusal' in read) return toResponse(read.refusal);
    const method = findMethod(name);
    const injected = failures.take(method?.name ?? name, read.params.integer('chat_id'));
    const call = ledger.open(method?.name ?? name, read.params.toRecord(), injected);
    hub.announce({ type: 'call' });
    const response = await answer(context, options, { call, params: read.params, method: method?.run, injected });
    if (response !== RESPONSE_ALREADY_SENT) call.answeredAt = clock();
    hub.announce({ type: 'call' });
    return response;
  });
  app.all('*', () => toResponse({ status: 404, description: 'Not Found', retryAfter: undefined }));
  return app;
}

function checkToken(segment: string, botToken: string): Response | undefined {
  const token = segment.slice('bot'.length);
  if (token === botToken) return undefined;
  const isWellFormed = /^\d+:[\w-]{1,80}$/.test(token);
  return toResponse(
    isWellFormed
      ? { status: 401, description: 'Unauthorized', retryAfter: undefined }
      : { status: 404, description: 'Not Found', retryAfter: undefined },
  );
}

async function tryRead(request: Request): Promise<{ params: Params } | { refusal: Refusal }> {
  try {
    return { params: await readParams(request) };
  } catch (thrown) {
    return { refusal: toRefusal(thrown) };
  }
}

interface Incoming {
  call: ReceivedCall;
  params: Params;
  method: Method | undefined;
  injected: FailureKind | undefined;
}

async function answer(context: Context<NodeEnv>, options: BotApiOptions, { call, params, method, injected }: Incoming): Promise<Response> {
  try {
    if (injected === 'drop-before') return dropConnection(context);
    if (typeof injected === 'object' && 'status' in injected) failAsPlanned(injected);
    if (typeof injected === 'object' && 'delayMs' in injected) await pause(injected.delayMs, context.req.raw.signal);
    if (!method) refuse('method not found', 404);
    const { hub, poller, flood } = options;
    const result: unknown = await method({ hub, poller, flood, params, signal: context.req.raw.signal });
    Object.assign(call, { result });
    if (injected === 'drop-after') return dropConnection(context);
    if (typeof injected === 'object' && 'answerDelayMs' in injected) await pause(injected.answerDelayMs, context.req.raw.signal);
    call.status = 200;
    return Response.json({ ok: true, result });
  } catch (thrown) {
    const refusal = toRefusal(thrown);
    Object.assign(call, { status: refusal.status, error: refusal.description, retryAfter: refusal.retryAfter });
    if (refusal.status === 500 && injected === undefined)
      process.emitWarning(thrown instanceof Error ? thrown : String(thrown), 'SandboxWarning');
    return toResponse(refusal);
  }
}

function failAsPlanned(failure: { status: number; retryAfter?: number; description?: string; migrateToChatId?: number }): never {
  if (failure.status === 429) refuseFlood(failure.retryAfter ?? 1);
  refuse(failure.description ?? 'injected failure', failure.status, failure.migrateToChatId);
}

function toResponse({ status, description, retryAfter, migrateToChatId }: Refusal): Response {
  const body = {
    ok: false,
    error_code: status,
    description,
    ...(retryAfter === undefined ? {} : { parameters: { retry_after: retryAfter } }),
    ...(migrateToChatId === undefined ? {} : { parameters: { migrate_to_chat_id: migrateToChatId } }),
  };
  return Response.json(body, { status, headers: retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) } });
}

/** Resets the connection: the client cannot know whether the call was carried out. */
function dropConnection(context: Context<NodeEnv>): Response {
  context.env.incoming.socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, delayMs);
    function done(): void {
      clearTimeout(timer);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}

function serveFile(context: Context<NodeEnv>, { hub, botToken }: BotApiOptions): Response {
  const denied = checkToken(context.req.param('bot') ?? '', botToken);
  if (denied) return denied;
  const path = context.req.param('path');
  const file = [...hub.state.files.values()].find(({ filePath }) => filePath === path);
  if (!file) return toResponse({ status: 404, description: 'Not Found', retryAfter: undefined });
  return new Response(new Uint8Array(loadFileBytes(hub, file)), { headers: { 'content-type': 'application/octet-stream' } });
}
