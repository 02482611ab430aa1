import { AppError } from '../../errors.ts';

export interface SupabaseFetchOptions {
  /** Of one request, from the first byte sent to the last one read. */
  timeoutMs: number;
  /** An answer that is larger is refused, before it fills the memory. */
  maxAnswerBytes: number;
  /** Ends every request; for a library whose calls take no signal of their own. */
  signal?: AbortSignal;
  fetch?: typeof fetch;
}

/** Nobody was there to take the request: it may be sent again whatever it asks for. */
const UNDELIVERED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT']);

/**
 * `fetch` for supabase-js: within a time, within a size, and never to where a redirect points, because that would turn a call into a GET
 * and hand the key on. Answers with the whole answer, good or bad. Throws store_unavailable (with `wasDelivered: false` when it is certain
 * that nothing arrived), config_invalid about SUPABASE_URL, and the signal's reason when it was interrupted.
 */
export function makeSupabaseFetch({ timeoutMs, maxAnswerBytes, signal, fetch: send = fetch }: SupabaseFetchOptions): typeof fetch {
  return async (input, init) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    const interruptions = [signal, init?.signal ?? undefined].filter((one) => one !== undefined);
    try {
      const request = { ...init, redirect: 'manual', signal: AbortSignal.any([timeout, ...interruptions]) } as const;
      const response = await send(input, request);
      assertNotRedirected(response);
      assertProject(response);
      return await readWhole(response, maxAnswerBytes);
    } catch (thrown) {
      for (const { aborted, reason } of interruptions) if (aborted) throw reason;
      if (thrown instanceof AppError) throw thrown;
      if (timeout.aborted) throw new AppError('store_unavailable', toSilent(`not within ${timeoutMs} ms`), { cause: thrown });
      throw toUnreachable(thrown);
    }
  };
}

function assertNotRedirected({ status, headers }: Response): void {
  if (status < 300 || status > 399) return;
  const to = headers.get('location') ?? '';
  const where = URL.canParse(to) ? ` to ${new URL(to).origin}` : '';
  const problem = `SUPABASE_URL: expected the address of the project’s API itself, got a redirect${where}; set the address that answers without one`;
  throw new AppError('config_invalid', problem, { context: { status, problems: [problem] }, retry: 'later' });
}

export const NOT_A_PROJECT =
  'SUPABASE_URL: expected the address of a Supabase project, such as https://<project>.supabase.co, got an answer of something else (404); set it right';

/** Supabase says in JSON what it does not find; anybody else says it in a page. */
function assertProject({ status, headers }: Response): void {
  if (status !== 404 || headers.get('content-type')?.includes('json')) return;
  throw new AppError('config_invalid', NOT_A_PROJECT, { context: { status, problems: [NOT_A_PROJECT] }, retry: 'later' });
}

/** The sentence for a project that says nothing, or nothing of its own. */
export const toSilent = (reason: string): string =>
  `SUPABASE_URL: the project does not answer (${reason}); see whether it is paused or down, and that the address is right`;

async function readWhole(response: Response, maxBytes: number): Promise<Response> {
  const { status, statusText, headers } = response;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the stream, which closes the connection.
    if (size > maxBytes) throw new AppError('store_failed', `The answer is larger than ${maxBytes} bytes`, { context: { maxBytes } });
    chunks.push(chunk);
  }
  // A Response refuses a body, even an empty one, with these.
  const body = status === 204 || status === 205 || status === 304 ? null : Buffer.concat(chunks);
  return new Response(body, { status, statusText, headers });
}

/** What `fetch` throws says "fetch failed"; the reason is its cause, or, with several addresses, in the causes of that one. */
function toUnreachable(thrown: unknown): AppError {
  const cause = thrown instanceof Error && thrown.cause instanceof Error ? thrown.cause : thrown;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const reason = [code, cause instanceof Error ? cause.message : String(cause)].find((text) => text !== '');
  const context = { reason, ...(UNDELIVERED.has(code) ? { wasDelivered: false } : {}) };
  return new AppError('store_unavailable', toSilent(reason ?? 'no reason given'), { context, cause: thrown });
}
