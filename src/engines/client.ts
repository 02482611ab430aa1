import type OpenAI from 'openai';
import { AppError } from '../errors.ts';
import { parseRetryAfterMs } from './retry.ts';

/** One model server with one model, everything resolved. */
export interface EngineEndpoint {
  name: string;
  baseUrl: string;
  /** Null for a server that needs none. */
  apiKey: string | null;
  model: string;
  usdPerMtok: { in: string; out: string };
  timeoutMs: number;
}

/** What a server said, before anything is made of it. */
export interface ServerAnswer {
  status: number;
  body: Uint8Array;
}

type OnAnswer = (answer: ServerAnswer) => void;

/** An answer of 256 KiB, escaped, with what servers put around it. */
const MAX_RESPONSE_BYTES = 1024 * 1024;
const HTTP_TIMEOUT = 408;
const HTTP_TOO_EARLY = 425;
const HTTP_TOO_MANY_REQUESTS = 429;

/**
 * Makes a client of one server, one for each call: `onAnswer` hears what came back to it. The library (36 MB, 0.2 s) is loaded at the
 * first call: a process without models never pays for it. It does not retry, follow redirects, log, or read the environment.
 */
export function makeClient(
  endpoint: Pick<EngineEndpoint, 'baseUrl' | 'apiKey'>,
  maxResponseBytes = MAX_RESPONSE_BYTES,
): (onAnswer?: OnAnswer) => Promise<OpenAI> {
  return async (onAnswer) => {
    const { default: Client } = await import('openai');
    const { url, basic } = splitCredentials(endpoint.baseUrl);
    return new Client({
      baseURL: url,
      // The library insists on a key; without one of ours the header is left out again.
      apiKey: endpoint.apiKey ?? 'none',
      adminAPIKey: null,
      organization: null,
      project: null,
      webhookSecret: null,
      defaultHeaders: endpoint.apiKey === null ? { Authorization: basic } : {},
      maxRetries: 0,
      logLevel: 'off',
      fetch: makeBoundedFetch(maxResponseBytes, onAnswer),
    });
  };
}

/** `https://user:password@host/v1` for a server behind basic authentication; fetch refuses such a URL as it is. */
function splitCredentials(baseUrl: string): { url: string; basic: string | null } {
  const url = new URL(baseUrl);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { url: url.href.replace(/\/$/, ''), basic: username === '' ? null : `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** The base URL as it may be shown: without user, password, query. */
export function toPublicUrl(baseUrl: string): string {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname}`.replace(/\/$/, '');
}

/** Reads the whole body, up to a limit, before the library sees it. A redirect comes back as the answer that it is: a refusal. */
function makeBoundedFetch(maxBytes: number, onAnswer?: OnAnswer): typeof fetch {
  return async (input, init) => {
    const response = await fetch(input, { ...init, redirect: 'manual' });
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body ?? []) {
      size += chunk.byteLength;
      // Leaving the loop cancels the stream, which closes the connection.
      if (size > maxBytes)
        throw new AppError('output_invalid', `the server’s answer is larger than ${maxBytes} bytes`, { context: { maxBytes } });
      chunks.push(chunk);
    }
    const { status, statusText, headers } = response;
    const body = Buffer.concat(chunks);
    onAnswer?.({ status, body });
    return new Response(size === 0 ? null : body, { status, statusText, headers });
  };
}

/**
 * Translates what a call threw. Only codes and numbers are kept: the server's own words may quote the prompt or the key, and the
 * library's error objects carry them, so they are not kept as the cause either.
 */
export async function toEngineError(thrown: unknown, { engine, signal }: { engine: string; signal: AbortSignal }): Promise<AppError> {
  if (signal.aborted) return new AppError('aborted', undefined, { context: { engine } });
  const { APIConnectionError, APIConnectionTimeoutError, APIError } = await import('openai');
  const own = findAppError(thrown);
  if (own) return own;
  if (thrown instanceof APIConnectionTimeoutError) return new AppError('engine_timeout', undefined, { context: { engine } });
  if (thrown instanceof APIConnectionError) return unavailable(engine, { cause: findCode(thrown) ?? 'connection_failed' });
  if (thrown instanceof APIError && typeof thrown.status === 'number') return fromStatus(thrown, thrown.status, engine);
  if (thrown instanceof SyntaxError) return unavailable(engine, { cause: 'answer_is_not_json' });
  return new AppError('internal', 'The call to the model server failed in an unexpected way', {
    context: { engine, error: nameOf(thrown) },
  });
}

function fromStatus(error: InstanceType<typeof OpenAI.APIError>, status: number, engine: string): AppError {
  const context = { engine, status, code: toToken(error.code), type: toToken(error.type), requestId: toToken(error.requestID) };
  const isBusy = status >= 500 || status === HTTP_TOO_MANY_REQUESTS || status === HTTP_TIMEOUT || status === HTTP_TOO_EARLY;
  if (!isBusy) return new AppError('engine_rejected', `The model server rejected the request with ${status}`, { context });
  const retryAfterMs = parseRetryAfterMs(error.headers, Date.now());
  // No money left on the account: waiting seconds does not help, another engine may.
  const isLasting = error.code === 'insufficient_quota';
  return unavailable(engine, { ...context, ...(retryAfterMs === undefined ? {} : { retryAfterMs }), ...(isLasting ? { isLasting } : {}) });
}

export function unavailable(engine: string, context: Record<string, unknown>): AppError {
  return new AppError('engine_unavailable', undefined, { context: { engine, ...context } });
}

/** Short words such as `model_not_found` pass, sentences do not. */
function toToken(value: unknown): string | undefined {
  return typeof value === 'string' && /^[\w.:-]{1,60}$/.test(value) && !value.startsWith('sk-') ? value : undefined;
}

function findAppError(thrown: unknown): AppError | null {
  for (let error = thrown; error instanceof Error; error = error.cause) if (error instanceof AppError) return error;
  return null;
}

/** `ECONNREFUSED` and the like, wherever in the chain of causes it stands. */
function findCode(thrown: unknown): string | undefined {
  for (let error = thrown; error instanceof Error; error = error.cause) {
    const code: unknown = Reflect.get(error, 'code');
    if (typeof code === 'string') return toToken(code);
  }
  return undefined;
}

const nameOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.name : typeof thrown);
