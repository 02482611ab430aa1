import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeIntake } from '../../../src/bot/intake.ts';
import { AppError } from '../../../src/errors.ts';
import { SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import type { Rpc } from '../../../src/store/rpc.ts';
import { adam, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeEach(async () => {
  stage = await openStage();
});
afterEach(() => stage[Symbol.asyncDispose]());

const countStored = async () => Number((await stage.db.sql('select count(*)::int as count from public.inbox'))[0]?.count);
const listOffsets = () => stage.telegram.calls('getUpdates').map(({ params }) => Number(params.offset ?? 0));

test('while the database is away Telegram keeps the updates; then each is handled once', async () => {
  const real = stage.db.rpc('ags_bot');
  let isAway = true;
  // The transport's own failure, in front of the real door.
  const rpc: Rpc = {
    role: real.role,
    call: (name, args, schema, signal) => {
      if (isAway && name === 'record_updates') return Promise.reject(new AppError('store_unavailable'));
      return real.call(name, args, schema, signal);
    },
  };
  const said = stage.telegram.say(adam.id, adam.id, '/tasks');
  await stage.start({ rpc });
  await stage.until(async () => stage.logged.some((line) => line.includes('polling failed, trying again')));
  expect(stage.telegram.pendingUpdates()).toHaveLength(1);
  expect(Math.max(...listOffsets())).toBe(0);
  isAway = false;
  await stage.telegram.waitForMessage(adam.id, 'There are no tasks');
  await stage.settle();
  expect(stage.telegram.history(adam.id).filter(({ message_id: id }) => id > said.message_id)).toHaveLength(1);
});

test('killed between storing and the next offset: the same batch comes again and is handled once', async () => {
  const said = stage.telegram.say(adam.id, adam.id, '/tasks');
  const [update] = stage.telegram.pendingUpdates();
  // What a process had written before it was killed.
  await stage.db.sql('insert into public.inbox (source, external_id, chat_key, payload) values ($1, $2, $3, $4)', [
    'telegram',
    String(update?.update_id),
    String(adam.id),
    JSON.stringify(update),
  ]);
  await stage.start();
  await stage.telegram.waitForMessage(adam.id, 'There are no tasks');
  await stage.settle();
  expect(await countStored()).toBe(1);
  expect(stage.telegram.history(adam.id).filter(({ message_id: id }) => id > said.message_id)).toHaveLength(1);
});

test('a clean stop ends the poll under way at once and confirms what is stored', async () => {
  await stage.start();
  await stage.ask(adam.id, adam.id, '/tasks');
  await stage.settle();
  const before = performance.now();
  await stage.stop();
  expect(performance.now() - before).toBeLessThan(2_000);
  const [last] = stage.telegram.calls('getUpdates').slice(-1);
  expect(last?.params).toMatchObject({ timeout: 0 });
  expect(last?.status).toBe(200);
});

test('another poller, a broken connection and a 500 are waited for, and said', async () => {
  stage.telegram.failNext({ method: 'getUpdates', as: 'drop-before' });
  stage.telegram.failNext({ method: 'getUpdates', as: { status: 500 } });
  stage.telegram.failNext({ method: 'getUpdates', as: { status: 409, description: 'terminated by other getUpdates request' } });
  await stage.start();
  stage.telegram.say(adam.id, adam.id, '/tasks');
  await stage.telegram.waitForMessage(adam.id, 'There are no tasks', { timeoutMs: 10_000 });
  expect(stage.logged.some((line) => line.includes('only one process may poll'))).toBe(true);
  expect(stage.logged.join('')).not.toContain('sandbox-token-for-loopback-only');
});

test('a mistake that ends the polling is logged, and the polling starts again', async () => {
  const real = makeIntake({ botUsername: SANDBOX_BOT.username });
  let mistakes = 0;
  const said = stage.telegram.say(adam.id, adam.id, '/tasks');
  await stage.start({
    intake(payload) {
      if (mistakes > 0) return real(payload);
      mistakes += 1;
      throw new RangeError('Maximum call stack size exceeded');
    },
  });
  await stage.telegram.waitForMessage(adam.id, 'There are no tasks');
  await stage.settle();
  expect(stage.logged.filter((line) => line.includes('polling ended unexpectedly, starting again'))).toHaveLength(1);
  expect(stage.telegram.history(adam.id).filter(({ message_id: id }) => id > said.message_id)).toHaveLength(1);
});
