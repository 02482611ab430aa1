import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type FakeModel, startFakeModel } from '../../support/fake-model.ts';
import { ask, textOf } from '../../support/telling.ts';

const { adam, rita } = PERSONAS;
const TIMEOUT_MS = 60_000;

let model: FakeModel;
let app: TestApp;
beforeAll(async () => {
  model = await startFakeModel();
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
}, 60_000);
afterAll(async () => {
  await app?.close();
  await model?.close();
});

async function drill(): Promise<string> {
  const said = app.telegram.say(adam.id, adam.id, '/drill fallbacks');
  const isResult = (text: string) => /fallback(s work| did not work)/i.test(text);
  const result = await app.telegram.waitForMessage(
    adam.id,
    (message) => message.reply_to_message?.message_id === said.message_id && isResult(textOf(message)),
    { timeoutMs: TIMEOUT_MS },
  );
  return textOf(result);
}

test('each is tried on a dummy: the second engine answers, with less context after a time-out, and the answer waits for Telegram', async () => {
  const sent = app.telegram.calls('sendMessage').filter(({ params }) => params.chat_id === CHATS.admin.id).length;
  const said = await drill();
  expect(said).toMatch(/^✅ The fallbacks work/);
  expect(said).toMatch(/✓ model time-out: fast answered, with [1-5]\d % of the context/);
  expect(said).toContain('✓ breaker of the first engine open: fast answered');
  expect(said).toContain('✓ retrieval from the cache: the cache gave 0 of 0 texts back, marked');
  expect(said).toMatch(/✓ Telegram away: the answer waits/);
  expect(model.count('fallback_check')).toBe(2);
  expect(app.telegram.calls('sendMessage').filter(({ params }) => params.chat_id === CHATS.admin.id)).toHaveLength(sent);
  // Only what was called is paid; the first engine has no failure to its name.
  expect(await app.sql(`select distinct engine from public.engine_calls`)).toEqual([{ engine: 'fast' }]);
  expect(await app.sql(`select count(*)::int as count from public.failed_calls`)).toEqual([{ count: 0 }]);
  expect(await app.sql(`select status from public.effects`)).toEqual([{ status: 'void' }]);
  expect(textOf(await ask(app, rita.id, '/status'))).toMatch(/Fallbacks: tried at .*: model time-out ok, /);
}, 90_000);

test('a second engine that does not answer is found, and people are told', async () => {
  model.failWith(400);
  const said = await drill();
  model.failWith(null);
  expect(said).toMatch(/^🚨 A fallback did not work/);
  expect(said).toContain('✗ model time-out: no engine after default answered: engine_rejected');
  await app.telegram.waitForMessage(CHATS.alerts.id, 'A fallback did not work when it was tried', { timeoutMs: TIMEOUT_MS });
  expect(textOf(await ask(app, rita.id, '/status'))).toContain('A fallback did not work when it was tried: model time-out');
}, 150_000);

test('only operators and owners try them', async () => {
  expect(textOf(await ask(app, rita.id, '/drill fallbacks'))).toContain('You may not use /drill');
});
