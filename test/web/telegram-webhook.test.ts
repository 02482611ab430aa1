import { afterAll, beforeEach, expect, it } from 'vitest';
import { makeIntake } from '../../src/bot/intake.ts';
import { Secret } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';
import type { Rpc } from '../../src/store/rpc.ts';
import { makeMetrics } from '../../src/telemetry/metrics.ts';
import type { TelegramWebhookDeps } from '../../src/web/telegram-webhook.ts';
import { openTestDatabase } from '../support/database.ts';
import { makeApp } from './support.ts';

const SECRET = 'a_long-random-word-0123456789';
const HEADER = 'x-telegram-bot-api-secret-token';
const db = await openTestDatabase();
afterAll(() => db.close());
beforeEach(() => db.sql('delete from public.inbox'));

const message = (updateId: number, text = 'hello') => ({
  update_id: updateId,
  message: { message_id: 1, date: 1, chat: { id: 7, type: 'private' }, from: { id: 7 }, text },
});
const checkout = { update_id: 5, pre_checkout_query: { id: 'q1', from: { id: 7 }, currency: 'XTR', total_amount: 1500 } };

/** The route in its app, and what it did. */
function open(deps: Partial<TelegramWebhookDeps> = {}) {
  const metrics = makeMetrics({ hasProcessMetrics: false });
  const calls: string[] = [];
  let nudges = 0;
  const real = db.rpc('ags_web');
  const rpc: Rpc = {
    role: real.role,
    call(name, args, schema, signal) {
      calls.push(name);
      return real.call(name, args, schema, signal);
    },
  };
  const { app, lines } = makeApp({
    telegramWebhook: {
      secretToken: new Secret(SECRET),
      rpc,
      intake: makeIntake({ botUsername: 'our_bot' }),
      onStored: () => {
        nudges += 1;
      },
      metrics,
      ...deps,
    },
  });
  const send = (body: unknown, headers: Record<string, string> = { [HEADER]: SECRET }) =>
    app.request('/webhooks/telegram', {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  return { send, lines, calls, metrics, countNudges: () => nudges };
}

const listRows = () => db.sql('select external_id, chat_key, is_urgent, status, payload from public.inbox order by inbox_id');

it('stores an update with one call, tells of it, and answers with nothing but 200', async () => {
  const { send, calls, metrics, countNudges } = open();
  const response = await send(message(1, '/tasks'));
  expect([response.status, await response.text()]).toEqual([200, '']);
  expect(await listRows()).toEqual([
    { external_id: '1', chat_key: '7', is_urgent: false, status: 'pending', payload: message(1, '/tasks') },
  ]);
  expect(calls).toEqual(['record_updates']);
  expect(countNudges()).toBe(1);
  expect((await metrics.render()).text).toContain('ags_updates_total 1');
});

it.each([
  ['no secret', {}],
  ['an empty one', { [HEADER]: '' }],
  ['a wrong one of the same length', { [HEADER]: `${SECRET.slice(0, -1)}x` }],
  ['its beginning', { [HEADER]: SECRET.slice(0, 5) }],
  ['it with more behind', { [HEADER]: `${SECRET}x` }],
  ['it in another case', { [HEADER]: SECRET.toUpperCase() }],
])('%s is 401, whatever the body is, and stores nothing', async (_, headers) => {
  const { send, calls, lines, countNudges } = open();
  for (const body of [message(1), 'no json', 'x'.repeat(2 << 20)]) expect((await send(body, headers)).status).toBe(401);
  expect([calls, countNudges()]).toEqual([[], 0]);
  expect(lines.filter((line) => line.includes('an update without the right secret was refused'))).toHaveLength(3);
  expect(lines.join('')).not.toContain(SECRET);
});

it.each([
  ['nothing', ''],
  ['no JSON', '{"update_id":'],
  ['no object', '"text"'],
  ['null', 'null'],
  ['a list', '[{"update_id":1}]'],
  ['no number', '{"message":{}}'],
  ['a number that is none', '{"update_id":"1"}'],
  ['half a number', '{"update_id":1.5}'],
  ['a number below zero', '{"update_id":-1}'],
])('%s is 400 and stores nothing', async (_, body) => {
  const { send, calls } = open();
  const response = await send(body);
  expect([response.status, await response.json(), calls]).toEqual([400, { error: 'request_refused' }, []]);
});

it('more than 1 MiB is 413, also when its length was not announced', async () => {
  const { send, calls } = open();
  const large = { ...message(1), padding: 'x'.repeat(1 << 20) };
  expect((await send(large)).status).toBe(413);
  expect((await send(large, { [HEADER]: SECRET, 'transfer-encoding': 'chunked' })).status).toBe(413);
  expect((await send({ ...message(1), padding: 'x'.repeat(900_000) })).status).toBe(200);
  expect(calls).toEqual(['record_updates']);
});

it('the same update again is 200 and one row', async () => {
  const { send } = open();
  const responses = [await send(message(1)), await send(message(1)), ...(await Promise.all([send(message(2)), send(message(2))]))];
  expect(responses.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
  expect((await listRows()).map(({ external_id: id }) => id)).toEqual(['1', '2']);
});

it('while the database is away it is 503 and nobody is told, so that Telegram sends it again', async () => {
  const away: Rpc = { role: 'ags_web', call: () => Promise.reject(new AppError('store_unavailable')) };
  const { send, countNudges, metrics } = open({ rpc: away });
  const response = await send(message(1));
  expect([response.status, await response.json(), countNudges()]).toEqual([503, { error: 'store_unavailable' }, 0]);
  expect((await metrics.render()).text).toContain('ags_updates_total 0');
});

it('never answers before the row stands', async () => {
  const gate = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<void>();
  const real = db.rpc('ags_web');
  const slow: Rpc = {
    role: 'ags_web',
    async call(name, args, schema, signal) {
      asked.resolve();
      await gate.promise;
      return real.call(name, args, schema, signal);
    },
  };
  const order: string[] = [];
  const { send } = open({ rpc: slow, onStored: () => order.push('stored') });
  const answered = Promise.resolve(send(message(1))).then(() => order.push('answered'));
  await asked.promise;
  expect(order).toEqual([]);
  gate.resolve();
  await answered;
  expect(order).toEqual(['stored', 'answered']);
  expect(await listRows()).toHaveLength(1);
});

it('before the bot has started it is 503', async () => {
  const { send } = open({
    intake: () => {
      throw new AppError('telegram_unavailable', 'the bot has not started yet');
    },
  });
  expect((await send(message(1))).status).toBe(503);
});

it('when nobody can be told it is 200 all the same: the row is found by looking', async () => {
  const { send, lines } = open({
    onStored: () => {
      throw new Error('no connection');
    },
  });
  expect((await send(message(1))).status).toBe(200);
  expect(lines.join('')).toContain('nobody could be told of an update');
});

it('what cannot wait is answered in the body of the 200, and stored', async () => {
  const reply = { method: 'answerPreCheckoutQuery', pre_checkout_query_id: 'q1', ok: true };
  const asked: unknown[] = [];
  const { send } = open({
    answerAtOnce: async (update) => {
      asked.push(update, (await listRows()).length);
      return reply;
    },
  });
  const response = await send(checkout);
  expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([200, 'application/json', reply]);
  // Its row stood before it was asked about.
  expect(asked).toEqual([checkout, 1]);
  // A message waits for its turn.
  expect(await (await send(message(6))).text()).toBe('');
  expect(asked).toHaveLength(2);
  expect((await send({ update_id: 7, chat_join_request: { chat: { id: -1 }, from: { id: 7 } } })).headers.get('content-type')).toBe(
    'application/json',
  );
});

it('without an answer at once, or with one that fails or hangs, it goes into the inbox like the rest', async () => {
  const interrupted = Promise.withResolvers<void>();
  const answers: TelegramWebhookDeps['answerAtOnce'][] = [
    undefined,
    () => Promise.resolve(null),
    () => Promise.reject(new Error('broken')),
    () => {
      throw new Error('broken at once');
    },
    (_, signal) => {
      signal.addEventListener('abort', () => interrupted.resolve());
      return new Promise(() => undefined);
    },
  ];
  for (const [index, answerAtOnce] of answers.entries()) {
    const { send } = open({ answerAtOnce, answerTimeoutMs: 20 });
    const response = await send({ ...checkout, update_id: index });
    expect([response.status, await response.text()]).toEqual([200, '']);
  }
  await interrupted.promise;
  expect(await listRows()).toHaveLength(answers.length);
});

it('a /stop is urgent', async () => {
  const { send } = open();
  await send({ update_id: 1, message: { ...message(1, '/stop').message, entities: [{ type: 'bot_command', offset: 0, length: 5 }] } });
  expect(await listRows()).toMatchObject([{ is_urgent: true }]);
});

it('there is no such route without a webhook', async () => {
  const { app } = makeApp();
  const response = await app.request('/webhooks/telegram', {
    method: 'POST',
    headers: { [HEADER]: SECRET },
    body: JSON.stringify(message(1)),
  });
  expect(response.status).toBe(404);
});
