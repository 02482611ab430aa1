import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

/** A way to a server that can fall silent: connections stay open, and nothing comes through any more. */
export interface SilentLink {
  /** The address of the server, by way of the link. */
  url: string;
  /** For what is open now and what is opened until `speak`. */
  fallSilent(): void;
  /** For what is opened from now on: what was silent stays so. */
  speak(): void;
  /** How many connections are open at this end. */
  countOpen(): number;
  close(): Promise<void>;
}

/** On a free port of the loopback. */
export async function openSilentLink(serverUrl: string): Promise<SilentLink> {
  const target = new URL(serverUrl);
  const clients = new Set<Socket>();
  const sockets = new Set<Socket>();
  let isSilent = false;
  const keep = (socket: Socket) => {
    sockets.add(socket);
    // The other end going away is how a connection ends here.
    return socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
  };
  const server = createServer((client) => {
    clients.add(keep(client).on('close', () => clients.delete(client)));
    // Read and dropped, so that its end is seen.
    if (isSilent) return void client.resume();
    const upstream = keep(connect(Number(target.port || 5432), target.hostname));
    client.pipe(upstream).pipe(client);
    client.on('close', () => upstream.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  const url = new URL(serverUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    fallSilent() {
      isSilent = true;
      for (const socket of sockets) socket.unpipe().resume();
    },
    speak() {
      isSilent = false;
    },
    countOpen: () => clients.size,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
