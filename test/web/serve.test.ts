import { Agent, get } from 'node:http';
import { Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { expect, it, onTestFinished } from 'vitest';
import { serve } from '../../src/web/serve.ts';

async function start(app: Hono, graceMs?: number) {
  const server = await serve(app, { host: '127.0.0.1', port: 0, graceMs });
  onTestFinished(server.close);
  return server;
}

it('listens on a free port and answers', async () => {
  const { url, port } = await start(new Hono().get('/', (context) => context.text('hello')));
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect(await (await fetch(url)).text()).toBe('hello');
});

it('says which port is in use and what to do', async () => {
  const { port } = await start(new Hono());
  const second = serve(new Hono(), { host: '127.0.0.1', port });
  const problem = `PORT: ${port} is in use; stop the other program or set PORT to another number`;
  await expect(second).rejects.toMatchObject({ code: 'config_invalid', message: problem, context: { problems: [problem] } });
});

it('says when the host is no address of this machine', async () => {
  await expect(serve(new Hono(), { host: '192.0.2.1', port: 0 })).rejects.toMatchObject({
    code: 'config_invalid',
    message: expect.stringContaining('192.0.2.1'),
  });
});

it('finishes an answer that is under way, and takes no new one', async () => {
  const arrived = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  const server = await start(
    new Hono().get('/slow', async (context) => {
      arrived.resolve();
      await gate.promise;
      return context.text('done');
    }),
  );
  const answer = fetch(`${server.url}/slow`);
  await arrived.promise;
  const closed = server.close();
  await expect(fetch(server.url)).rejects.toThrow();
  gate.resolve();
  expect(await (await answer).text()).toBe('done');
  await closed;
});

it('ends event streams and idle connections', async () => {
  const streamEnded = Promise.withResolvers<void>();
  const app = new Hono();
  app.get('/', (context) => context.text('hello'));
  app.get('/events', (context) =>
    streamSSE(context, async (stream) => {
      stream.onAbort(() => streamEnded.resolve());
      await stream.writeSSE({ data: 'first' });
      await streamEnded.promise;
    }),
  );
  // A grace far beyond the test's own limit: what is shown is that nothing has to wait for it.
  const server = await start(app, 600_000);
  const agent = new Agent({ keepAlive: true });
  onTestFinished(() => agent.destroy());
  await new Promise<void>((resolve) => get(server.url, { agent }, (response) => response.resume().once('end', resolve)));
  const events = await fetch(`${server.url}/events`);
  const reader = events.body?.getReader();
  expect(new TextDecoder().decode((await reader?.read())?.value)).toBe('data: first\n\n');
  const closed = server.close();
  expect((await reader?.read())?.done).toBe(true);
  await closed;
  await streamEnded.promise;
});

it('cuts what is still running when the grace is over', async () => {
  const arrived = Promise.withResolvers<void>();
  const server = await start(
    new Hono().get('/stuck', () => {
      arrived.resolve();
      return new Promise<Response>(() => {});
    }),
    30,
  );
  const answer = fetch(`${server.url}/stuck`);
  const cut = expect(answer).rejects.toThrow();
  await arrived.promise;
  await server.close();
  await cut;
});
