import { once } from 'node:events';
import { expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { type Check, makeReadiness } from '../../src/web/readiness.ts';
import { makeApp } from './support.ts';

function start(checks: Record<string, Check>, timeoutMs?: number) {
  const lines: string[] = [];
  const log = makeLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  return { lines, run: makeReadiness({ checks, log, timeoutMs }) };
}

it('answers 503 and names what does not answer, without details', async () => {
  const { app } = makeApp({
    checks: {
      store: () => Promise.reject(new AppError('store_unavailable', 'canary host')),
      queue: () => {
        throw new Error('canary thrown at once');
      },
      telegram: async () => {},
    },
  });
  const response = await app.request('/ready');
  expect(response.status).toBe(503);
  expect(await response.json()).toEqual({
    status: 'not_ready',
    checks: { store: 'The database does not answer', queue: 'Something unexpected happened', telegram: 'ok' },
  });
});

it('bounds a check that hangs, and one that does not even listen', async () => {
  const aborted = Promise.withResolvers<void>();
  const { run } = start(
    {
      listens: async (signal) => {
        await once(signal, 'abort');
        aborted.resolve();
        signal.throwIfAborted();
      },
      hangs: () => new Promise(() => {}),
    },
    20,
  );
  expect(await run()).toEqual({ status: 'not_ready', checks: { listens: 'no answer within 20 ms', hangs: 'no answer within 20 ms' } });
  await aborted.promise;
});

it('asks once for all who ask at the same time, and again afterwards', async () => {
  let calls = 0;
  const gate = Promise.withResolvers<void>();
  const { run } = start({
    store: () => {
      calls += 1;
      return gate.promise;
    },
  });
  const answers = [run(), run(), run()];
  gate.resolve();
  expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(['ready', 'ready', 'ready']);
  expect(calls).toBe(1);
  await run();
  expect(calls).toBe(2);
});

it('runs its checks side by side', async () => {
  const both = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const meet = (mine: 0 | 1, theirs: 0 | 1) => () => {
    both[mine].resolve();
    return both[theirs].promise;
  };
  const { run } = start({ one: meet(0, 1), other: meet(1, 0) });
  expect((await run()).status).toBe('ready');
});

it('logs a change once, not every probe', async () => {
  let isDown = true;
  const { run, lines } = start({
    store: async () => {
      if (isDown) throw new AppError('store_unavailable');
    },
  });
  await run();
  await run();
  isDown = false;
  await run();
  await run();
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['readiness check failed', 'readiness check recovered']);
});

it('names what works and needs somebody to look, and stays ready: an update could not even come in if it did not', async () => {
  const warned: string[] = [];
  const { app } = makeApp({ checks: { telegram: async () => {} }, listWarned: () => warned });
  const ready = { status: 'ready', checks: { telegram: 'ok' } };
  expect(await (await app.request('/ready')).json()).toEqual(ready);
  warned.push('telegram');
  const response = await app.request('/ready');
  expect([response.status, await response.json()]).toEqual([200, { ...ready, warnings: ['telegram'] }]);
});

it('says of a process that waits for its turn what it waits for', async () => {
  const { app } = makeApp({ checks: { telegram: () => Promise.reject(new AppError('not_its_turn')) } });
  const response = await app.request('/ready');
  expect([response.status, await response.json()]).toEqual([
    503,
    { status: 'not_ready', checks: { telegram: 'Another process polls for this bot; waiting' } },
  ]);
});
