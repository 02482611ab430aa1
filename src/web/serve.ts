import { createServer, type Server, type ServerResponse } from 'node:http';
import { getRequestListener, type HttpBindings } from '@hono/node-server';
import { AppError } from '../errors.ts';

/** What can answer a request: a Hono app. */
interface Fetcher {
  fetch(request: Request, env: object): Response | Promise<Response>;
}

export interface ServeOptions {
  host: string;
  /** 0 takes a free one. */
  port: number;
  /** How long `close` waits for answers that are under way. */
  graceMs?: number;
}

export interface RunningServer {
  /** Where it listens, for people and for tests: `http://127.0.0.1:8080`. */
  url: string;
  port: number;
  /** Stops accepting, ends event streams and idle connections, waits for the rest. Safe to call twice. */
  close(): Promise<void>;
}

/** How often connections that became idle while closing are looked for; Node itself looks only once. */
const IDLE_CHECK_MS = 25;

const LISTEN_PROBLEMS: Record<string, (options: ServeOptions) => string> = {
  EADDRINUSE: ({ port }) => `PORT: ${port} is in use; stop the other program or set PORT to another number`,
  EACCES: ({ port }) => `PORT: ${port} is not allowed for this user; set PORT to a number above 1023`,
  EADDRNOTAVAIL: ({ host }) => `HOST: ${host} is no address of this machine; set HOST to 127.0.0.1 or 0.0.0.0`,
  ENOTFOUND: ({ host }) => `HOST: ${host} is not known; set HOST to 127.0.0.1 or 0.0.0.0`,
};

function toListenError(error: NodeJS.ErrnoException, options: ServeOptions): AppError {
  const problem = LISTEN_PROBLEMS[error.code ?? '']?.(options);
  if (problem === undefined) return new AppError('internal', 'The HTTP server could not start', { context: { ...options }, cause: error });
  return new AppError('config_invalid', problem, { context: { problems: [problem] }, cause: error });
}

function listen(server: Server, options: ServeOptions): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const onError = (error: Error) => reject(toListenError(error, options));
  server.once('error', onError);
  server.listen(options.port, options.host, () => {
    server.off('error', onError);
    const address = server.address();
    // An address is a text only for pipes and null only before listening.
    resolve(typeof address === 'object' && address !== null ? address.port : options.port);
  });
  return promise;
}

/** Event streams never end by themselves, so they are known by their answer and ended at close. The browser connects again. */
function withStreams(app: Fetcher, streams: Set<ServerResponse>) {
  return async (request: Request, env: HttpBindings | object): Promise<Response> => {
    const response = await app.fetch(request, env);
    if ('outgoing' in env && response.headers.get('content-type')?.startsWith('text/event-stream')) {
      streams.add(env.outgoing);
      env.outgoing.once('close', () => streams.delete(env.outgoing));
    }
    return response;
  };
}

function closeServer(server: Server, streams: ReadonlySet<ServerResponse>, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const endStreams = () => {
    for (const stream of streams) stream.end();
    server.closeIdleConnections();
  };
  const idleCheck = setInterval(endStreams, IDLE_CHECK_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  server.close(() => {
    clearInterval(idleCheck);
    clearTimeout(deadline);
    resolve();
  });
  endStreams();
  return promise;
}

/** Listens, or throws `config_invalid` with a sentence about PORT or HOST. */
export async function serve(app: Fetcher, options: ServeOptions): Promise<RunningServer> {
  const streams = new Set<ServerResponse>();
  const listener = getRequestListener(withStreams(app, streams));
  const server = createServer((incoming, outgoing) => void listener(incoming, outgoing));
  const port = await listen(server, options);
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  let closing: Promise<void> | null = null;
  const close = () => (closing ??= closeServer(server, streams, options.graceMs ?? 3_000));
  return { url: `http://${host}:${port}`, port, close };
}
