import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

/** What stands before several web machines: one address, each request to the next of them. */
export interface RoundRobin {
  url: string;
  /** Where requests go from now on. */
  setBackends(urls: readonly string[]): void;
  /** How many requests each backend has answered. */
  answered: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * A proxy as a platform has one: a machine that takes no connection is passed over; one that breaks off in the middle, or nobody at all,
 * is 502, since nobody but the sender knows whether it may be sent again.
 */
export async function startRoundRobin(): Promise<RoundRobin> {
  let backends: readonly string[] = [];
  let turn = 0;
  const answered = new Map<string, number>();

  async function pass(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    turn += 1;
    const inTurn = backends.map((_, index) => backends[(turn + index) % backends.length] ?? '');
    for (const backend of inTurn) {
      const outcome = await tryBackend(backend, incoming, body, response);
      if (outcome === 'answered') answered.set(backend, (answered.get(backend) ?? 0) + 1);
      if (outcome !== 'refused') return;
    }
    response.writeHead(502).end();
  }

  const server = createServer((incoming, response) => {
    pass(incoming, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    setBackends(urls) {
      backends = urls;
    },
    answered,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** `refused`: it took no connection, so that it knows nothing of the request. */
function tryBackend(
  backend: string,
  { url = '/', method, headers }: IncomingMessage,
  body: Buffer,
  response: ServerResponse,
): Promise<'answered' | 'refused' | 'broken'> {
  return new Promise((resolve) => {
    const outgoing = request(new URL(url, backend), { method, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
      answer.once('close', () => resolve('answered'));
    });
    outgoing.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') return resolve('refused');
      if (!response.headersSent) response.writeHead(502);
      response.end();
      resolve('broken');
    });
    outgoing.end(body);
  });
}
