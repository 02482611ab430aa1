import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of the loopback that nobody used a moment ago. */
export async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  return address.port;
}
