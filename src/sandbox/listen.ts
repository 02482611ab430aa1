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

/** Serves a sandbox by itself, on loopback: for tests and for trying the page without the rest. */
export async function listenSandbox(sandbox: Sandbox, port = 0): Promise<ListeningSandbox> {
  const server = createAdaptorServer({ fetch: sandbox.app.fetch });
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
