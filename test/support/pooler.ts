import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

export interface Pooler {
  /** The address of the database behind it, by way of the pooler. */
  url: string;
  close(): Promise<void>;
}

/** What a transaction pooler does with a connection that begins with `options`: PgBouncer refuses it, Supabase's drops them. */
export type PoolerManner = 'refuses options' | 'drops options';

/** A pooler as far as the opening of a connection goes, on a free port of the loopback; everything after that is passed on as it is. */
export async function startPooler(databaseUrl: string, manner: PoolerManner): Promise<Pooler> {
  const { hostname, port } = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(Number(port || 5432), hostname);
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      // The other end going away is how a connection ends here.
      socket.on('error', () => undefined).on('close', () => [client, upstream].map((end) => end.destroy()));
    }
    open(client, upstream, manner);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${address.port}`;
  return {
    url: url.href,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function open(client: Socket, upstream: Socket, manner: PoolerManner): void {
  let received = Buffer.alloc(0);
  client.on('data', function onData(chunk: Buffer) {
    received = Buffer.concat([received, chunk]);
    if (received.length < 4 || received.length < received.readInt32BE(0)) return;
    client.off('data', onData);
    const length = received.readInt32BE(0);
    const parameters = readParameters(received.subarray(8, length));
    if (parameters.has('options') && manner === 'refuses options') return void client.end(makeRefusal());
    parameters.delete('options');
    upstream.write(Buffer.concat([makeStartup(parameters), received.subarray(length)]));
    client.pipe(upstream);
    upstream.pipe(client);
  });
}

/** Names and values in turn, each ended by a zero. */
function readParameters(bytes: Buffer): Map<string, string> {
  const words = bytes.toString().split('\0');
  const parameters = new Map<string, string>();
  for (let at = 0; at + 1 < words.length && words[at] !== ''; at += 2) parameters.set(words[at] ?? '', words[at + 1] ?? '');
  return parameters;
}

const PROTOCOL_3 = 196_608;

function makeStartup(parameters: Map<string, string>): Buffer {
  const body = Buffer.from(`${[...parameters].map(([name, value]) => `${name}\0${value}\0`).join('')}\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  head.writeInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, body]);
}

function makeRefusal(): Buffer {
  const body = Buffer.from('SFATAL\0VFATAL\0C08P01\0Munsupported startup parameter: options\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
