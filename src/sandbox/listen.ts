import { createAdaptorServer } from '@hono/node-server';
import type { Sandbox } from './sandbox.ts';

export interface ListeningSandbox {
  port: number;
  /** What `TELEGRAM_API_ROOT` is set to. */
  apiRoot: string;
  /** The chat page. */
  pageUrl: string;
  /** Closes the server and the sandbox. */
  close(): Promise<void>;
}

/** As long as the servers before Telegram's keep an idle connection. */
const KEEP_ALIVE_MS = 75_000;

/** Serves a sandbox by itself, on loopback: for tests and for trying the page without the rest. */
export async function listenSandbox(sandbox: Sandbox, port = 0): Promise<ListeningSandbox> {
  const server = createAdaptorServer({ fetch: sandbox.app.fetch });
  // Node's own 5 s meet the pauses of tests: a call on a connection that is just being closed has no certain end.
  if ('keepAliveTimeout' in server) server.keepAliveTimeout = KEEP_ALIVE_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  const boundPort = typeof address === 'object' && address !== null ? address.port : port;
  const root = `http://127.0.0.1:${boundPort}/sandbox`;
  return {
    port: boundPort,
    apiRoot: `${root}/telegram`,
    pageUrl: root,
    async close() {
      await sandbox.close();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Keep-alive connections would hold the server open.
      if ('closeAllConnections' in server) server.closeAllConnections();
      await closed;
    },
  };
}
