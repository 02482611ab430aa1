import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Handled, UpdateHandler } from '../../../src/bot/context.ts';
import { makeInbox } from '../../../src/bot/inbox.ts';
import { makeIntake } from '../../../src/bot/intake.ts';
import { AppError } from '../../../src/errors.ts';
import { recordUpdates } from '../../../src/store/inbox.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';

const DONE: Handled = { outcome: 'processed', error: null };
const log = makeLogger({ level: 'silent' });
/** The database tells nobody of a change, so it is asked again. */
const LOOK_EVERY_MS = 5;
let db: TestDatabase;
const stopping: AbortController[] = [];
const loops: Promise<void>[] = [];
beforeAll(async () => {
  db = await openTestDatabase();
});
afterAll(() => db.close());
afterEach(async () => {
  for (const one of stopping.splice(0)) one.abort();
  await Promise.all(loops.splice(0));
  await db.sql('delete from public.inbox');
});

function open(handle: UpdateHandler['handle']) {
  const inbox = makeInbox({ rpc: db.rpc('ags_bot'), worker: 'bot-1', handler: { handle }, log });
  const stop = new AbortController();
  stopping.push(stop);
  const running = inbox.run(stop.signal);
  loops.push(running);
  return {
    ...inbox,
    async stop() {
      stop.abort();
      await running;
    },
  };
}

const intake = makeIntake({ botUsername: 'our_bot' });

async function store(...messages: { id: number; chat: number; text: string }[]): Promise<void> {
  const updates = messages.map(({ id, chat, text }) => ({
    update_id: id,
    message: {
      message_id: id,
      date: 1,
      chat: { id: chat, type: 'private' },
      text,
      entities: text.startsWith('/') ? [{ type: 'bot_command', offset: 0, length: text.length }] : [],
    },
  }));
  await recordUpdates(
    db.rpc('ags_bot'),
    'telegram',
    updates.flatMap((update) => intake(update) ?? []),
  );
}

const listRows = () => db.sql('select external_id, status, attempt_count, error from public.inbox order by inbox_id');

async function until(look: () => Promise<boolean> | boolean): Promise<void> {
  const deadlineMs = performance.now() + 8_000;
  while (!(await look())) {
    if (performance.now() > deadlineMs) throw new Error(`waited in vain: ${JSON.stringify(await listRows())}`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

test('a chat’s updates are handled in order, other chats meanwhile, and a stop waits for nobody', async () => {
  const handled: string[] = [];
  const gate = Promise.withResolvers<void>();
  const inbox = open(async ({ message }) => {
    if (message?.text === 'first') await gate.promise;
    handled.push(message?.text ?? '');
    return DONE;
  });
  await store(
    { id: 1, chat: 7, text: 'first' },
    { id: 2, chat: 7, text: 'second' },
    { id: 3, chat: 8, text: 'other' },
    { id: 4, chat: 7, text: '/stop' },
  );
  inbox.nudge();
  await until(() => handled.length === 2);
  expect(handled.toSorted()).toEqual(['/stop', 'other']);
  gate.resolve();
  await until(() => handled.length === 4);
  expect(handled.slice(2)).toEqual(['first', 'second']);
});

test('a stop is handled while every chat is busy, however many have more waiting', async () => {
  const handled: string[] = [];
  const gate = Promise.withResolvers<void>();
  const inbox = open(async ({ message }) => {
    if (message?.text !== '/stop') await gate.promise;
    handled.push(message?.text ?? '');
    return DONE;
  });
  const chats = Array.from({ length: 40 }, (_, index) => index + 1);
  await store(...chats.map((chat) => ({ id: chat, chat, text: 'slow' })));
  inbox.nudge();
  await until(async () => (await listRows()).filter(({ status }) => status === 'processing').length >= 20);
  await store({ id: 99, chat: 1, text: '/stop' });
  inbox.nudge();
  await until(() => handled.length > 0);
  expect(handled).toEqual(['/stop']);
  gate.resolve();
  await until(() => handled.length === 41);
});

test('what failed because the database was away is tried again, three times, then set aside; the next one goes on', async () => {
  const attempts: boolean[] = [];
  open(({ message }, { isLastAttempt }) => {
    if (message?.text === 'next') return Promise.resolve(DONE);
    attempts.push(isLastAttempt);
    return Promise.reject(new AppError('store_unavailable'));
  });
  await store({ id: 1, chat: 7, text: 'unlucky' }, { id: 2, chat: 7, text: 'next' });
  await until(async () => (await listRows())[1]?.status === 'processed');
  expect(attempts).toEqual([false, false, true]);
  expect((await listRows())[0]).toMatchObject({ status: 'dead', attempt_count: 3, error: 'store_unavailable' });
});

test('a drain waits for what is in hand, and leaves the rest to the next process', async () => {
  const gate = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const inbox = open(async () => {
    started.resolve();
    await gate.promise;
    return DONE;
  });
  await store({ id: 1, chat: 7, text: 'in hand' }, { id: 2, chat: 7, text: 'waits' });
  await started.promise;
  await inbox.stop();
  const drained = inbox.drain(5_000);
  gate.resolve();
  await drained;
  expect((await listRows()).map(({ status }) => status)).toEqual(['processed', 'pending']);
});

test('a drain that takes too long interrupts, and the update is handled by the next process', async () => {
  const started = Promise.withResolvers<void>();
  const inbox = open((_, { signal }) => {
    started.resolve();
    return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new AppError('aborted')), { once: true }));
  });
  await store({ id: 1, chat: 7, text: 'slow' });
  await started.promise;
  await inbox.stop();
  await inbox.drain(10);
  expect(await listRows()).toMatchObject([{ status: 'pending', error: 'aborted' }]);
  open(() => Promise.resolve(DONE));
  await until(async () => (await listRows())[0]?.status === 'processed');
});

test('NUL, half characters and updates without a number do not hold up the others', async () => {
  expect(intake({ message: {} })).toBeNull();
  expect(intake('nonsense')).toBeNull();
  const hostile = intake({ update_id: 1, message: { message_id: 1, date: 1, chat: { id: 7 }, text: 'a\u0000b\ud800' } });
  await recordUpdates(db.rpc('ags_bot'), 'telegram', hostile === null ? [] : [hostile]);
  const texts: unknown[] = [];
  open(({ message }) => {
    texts.push(message?.text);
    return Promise.resolve(DONE);
  });
  await until(() => texts.length === 1);
  expect(texts).toEqual(['ab\ufffd']);
});

test('an update that is nested too deeply, or has no form at all, is stored as malformed and rejected; the others are handled', async () => {
  const message = { message_id: 1, date: 1, chat: { id: 7 }, text: 'fine' };
  const deep = JSON.parse(
    `{"update_id":1,"message":{"message_id":1,"date":1,"chat":{"id":7},"extra":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`,
  );
  const formless = { update_id: 2, message: { ...message, entities: 'none' } };
  await recordUpdates(
    db.rpc('ags_bot'),
    'telegram',
    [deep, formless, { update_id: 3, message }].flatMap((update) => intake(update) ?? []),
  );
  const texts: unknown[] = [];
  open((update) => {
    texts.push(update.message?.text);
    return Promise.resolve(DONE);
  });
  await until(async () => (await listRows()).every(({ status }) => status !== 'pending' && status !== 'processing'));
  expect(await listRows()).toMatchObject([
    { external_id: '1', status: 'rejected', error: 'malformed' },
    { external_id: '2', status: 'rejected', error: 'malformed' },
    { external_id: '3', status: 'processed' },
  ]);
  expect(texts).toEqual(['fine']);
});
