import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { makeApi } from '../../../src/bot/api.ts';

let server: Server;
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** A Bot API that keeps idle connections for this long, and says so; each connection's fate: who ended it. */
async function openBotApi(keepAliveMs: number) {
  const ended: ('client' | 'server')[] = [];
  let connections = 0;
  server = createServer((_, response) => {
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, result: { id: 1, is_bot: true, first_name: 'Bot', username: 'a_bot' } }));
  });
  server.keepAliveTimeout = keepAliveMs;
  server.on('connection', (socket) => {
    connections += 1;
    let hasClientEnded = false;
    socket.on('end', () => {
      hasClientEnded = true;
    });
    socket.on('close', () => ended.push(hasClientEnded ? 'client' : 'server'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  return { apiRoot: `http://127.0.0.1:${address.port}`, ended, countConnections: () => connections };
}

test('an idle connection is closed by this side before the other side closes it, so that no call meets the closing', async () => {
  const { apiRoot, ended, countConnections } = await openBotApi(3_000);
  const api = makeApi({ botToken: '1:token', apiRoot });
  await api.getMe();
  await api.getMe();
  expect(countConnections()).toBe(1);
  await expect.poll(() => ended, { timeout: 10_000 }).toEqual(['client']);
  await api.getMe();
  expect(countConnections()).toBe(2);
});
