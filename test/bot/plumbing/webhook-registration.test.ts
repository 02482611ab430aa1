import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeApi } from '../../../src/bot/api.ts';
import { ALLOWED_UPDATES } from '../../../src/bot/intake.ts';
import type { UpdateSource } from '../../../src/bot/update-source.ts';
import { startWebhook, type WebhookOptions } from '../../../src/bot/webhook.ts';
import { Secret } from '../../../src/config.ts';
import { toAppError } from '../../../src/errors.ts';
import { type ListeningSandbox, listenSandbox } from '../../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { PERSONAS, SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';
import { until } from '../../support/telling.ts';

const { adam } = PERSONAS;
/** Nobody listens there. */
const URL_OF_OURS = 'http://127.0.0.1:9/webhooks/telegram';
const SECRET = 'a_long-random-word-0123456789';

let telegram: Sandbox['telegram'];
let listening: ListeningSandbox;
let logged: string[];
const sources: UpdateSource[] = [];
beforeEach(async () => {
  const sandbox = makeSandbox({ startedPersonaIds: [adam.id] });
  telegram = sandbox.telegram;
  listening = await listenSandbox(sandbox);
  logged = [];
});
afterEach(async () => {
  await Promise.all(sources.splice(0).map((source) => source.close()));
  await listening.close();
});

const api = (token: string = SANDBOX_BOT.token) => makeApi({ botToken: token, apiRoot: listening.apiRoot });

async function start(options: Partial<WebhookOptions> = {}, signal = AbortSignal.timeout(15_000)): Promise<UpdateSource> {
  const source = await startWebhook(
    {
      api: api(),
      url: URL_OF_OURS,
      secretToken: new Secret(SECRET),
      log: makeLogger({ level: 'info', secrets: [SECRET], destination: { write: (line) => void logged.push(line) } }),
      clock: () => new Date(),
      random: () => 0,
      times: { verifyMs: 20, troubleVerifyMs: 20 },
      ...options,
    },
    signal,
  );
  sources.push(source);
  return source;
}

const hasLogged = (words: string) => logged.some((line) => line.includes(words));
const countLooks = () => telegram.calls('getWebhookInfo').length;
/** Two further looks have been answered. */
async function lookTwice(): Promise<void> {
  const before = countLooks();
  await until(() => countLooks() >= before + 3);
}

test('registers the address with secret, all kinds of updates and what is pending, and has it confirmed', async () => {
  telegram.say(adam.id, adam.id, 'written before');
  const source = await start();
  expect(telegram.calls('setWebhook').map(({ params }) => params)).toEqual([
    {
      url: URL_OF_OURS,
      secret_token: SECRET,
      allowed_updates: [...ALLOWED_UPDATES],
      max_connections: 40,
      drop_pending_updates: false,
    },
  ]);
  expect(await api().getWebhookInfo()).toMatchObject({ url: URL_OF_OURS, allowed_updates: [...ALLOWED_UPDATES], pending_update_count: 1 });
  expect(source.problem()).toBeNull();
  expect(logged.join('')).not.toContain(SECRET);
});

test('the registration outlives the process, and several register the same without harm', async () => {
  const [first, second] = await Promise.all([start(), start()]);
  await lookTwice();
  expect([first.problem(), second.problem()]).toEqual([null, null]);
  expect(telegram.calls('setWebhook')).toHaveLength(2);
  await first.close();
  expect((await api().getWebhookInfo()).url).toBe(URL_OF_OURS);
  await lookTwice();
  expect(telegram.calls('deleteWebhook')).toEqual([]);
});

test('a Telegram that is away, asks to wait, or has another registration under way is waited for', async () => {
  telegram.failNext({ method: 'setWebhook', as: { status: 502 } });
  telegram.failNext({ method: 'setWebhook', as: { status: 429, retryAfter: 1 } });
  telegram.failNext({ method: 'setWebhook', as: { status: 409, description: 'Conflict: terminated by other setWebhook' } });
  telegram.failNext({ method: 'getWebhookInfo', as: 'drop-before' });
  const source = await start();
  expect(source.problem()).toBeNull();
  expect(telegram.calls('setWebhook')).toHaveLength(5);
  expect(logged.filter((line) => line.includes('the webhook is not registered yet, trying again'))).toHaveLength(4);
});

test('ending while Telegram is waited for is an end', async () => {
  const ending = new AbortController();
  telegram.failNext({ method: 'setWebhook', as: { status: 502 }, times: 1_000 });
  const starting = start({}, ending.signal).catch(toAppError);
  await until(() => hasLogged('the webhook is not registered yet'));
  ending.abort();
  expect(await starting).toMatchObject({ code: 'aborted' });
});

test('an address that Telegram refuses is a problem of the configuration', async () => {
  const refused = await start({ url: 'http://ags.example.com/webhooks/telegram' }).catch(toAppError);
  expect(refused).toMatchObject({ code: 'config_invalid' });
  expect(refused).toMatchObject({
    context: { problems: [expect.stringMatching(/^TELEGRAM_WEBHOOK_URL: Telegram refuses it \(.*HTTPS URL must be provided/)] },
  });
});

test('so is a token that it does not know', async () => {
  const refused = await start({ api: api('123456:not-the-one') }).catch(toAppError);
  expect(refused).toMatchObject({ code: 'config_invalid', context: { problems: [expect.stringMatching(/^TELEGRAM_BOT_TOKEN: /)] } });
});

test('a webhook that somebody else changes or deletes is set again, logged and told', async () => {
  const source = await start();
  expect(source.warnings()).toEqual([]);
  await api().setWebhook('https://other.example.com/path-with-a-secret');
  await until(async () => (await api().getWebhookInfo()).url === URL_OF_OURS);
  await until(() => source.warnings().length === 1);
  expect(source.warnings()[0]).toContain('was set to other.example.com 0 min ago by somebody else; it was set again');
  await api().deleteWebhook();
  await until(() => source.warnings()[0]?.includes('was deleted'));
  await api().setWebhook(URL_OF_OURS, { allowed_updates: ['poll'] });
  await until(() => source.warnings()[0]?.includes('was given another list of updates'));
  await until(async () => (await api().getWebhookInfo()).allowed_updates?.join() === ALLOWED_UPDATES.join());
  expect(logged.filter((line) => line.includes('the webhook was changed by somebody else'))).toHaveLength(3);
  expect(logged.join('')).not.toContain('path-with-a-secret');
  await until(() => source.problem() === null);
});

test('while it cannot be set again that is the problem, until it can', async () => {
  const source = await start();
  telegram.failNext({ method: 'setWebhook', as: { status: 502 }, times: 1_000 });
  await api().deleteWebhook();
  await until(() => source.problem() !== null);
  expect(source.problem()).toMatchObject({ code: 'telegram_unavailable', message: 'Telegram does not send its updates here' });
  telegram.clearFailures();
  await until(() => source.problem() === null);
});

test('deliveries that fail are logged once and told while they are fresh; an unanswered look says nothing', async () => {
  let now = new Date();
  const source = await start({ clock: () => now });
  telegram.say(adam.id, adam.id, 'hello');
  await until(() => source.warnings().length === 1);
  expect(source.warnings()[0]).toMatch(
    /^Telegram could not deliver an update 0 min ago \(Connection failed\); 1 wait\..*TELEGRAM_WEBHOOK_URL/,
  );
  expect(source.problem()).toBeNull();
  telegram.failNext({ method: 'getWebhookInfo', as: { status: 502 } });
  await until(() => hasLogged('the webhook could not be verified'));
  expect(source.problem()).toBeNull();
  expect(hasLogged('Telegram could not deliver to the webhook')).toBe(true);
  now = new Date(now.getTime() + 60 * 60_000);
  expect(source.warnings()).toEqual([]);
});
