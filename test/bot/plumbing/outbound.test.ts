import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeApi } from '../../../src/bot/api.ts';
import { makeAttachments } from '../../../src/bot/attachments.ts';
import { makeOutbound, type Outbound } from '../../../src/bot/outbound.ts';
import { bold, fmt, toView } from '../../../src/bot/view.ts';
import { AppError, toAppError } from '../../../src/errors.ts';
import { type ListeningSandbox, listenSandbox } from '../../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';

const HERE = { chatId: PERSONAS.adam.id, topicId: null };
const CHANNEL = { chatId: CHATS.signals.id, topicId: null };
const log = makeLogger({ level: 'silent' });

let telegram: Sandbox['telegram'];
let listening: ListeningSandbox;
let outbound: Outbound;
beforeEach(async () => {
  const sandbox = makeSandbox({ startedPersonaIds: [PERSONAS.adam.id] });
  listening = await listenSandbox(sandbox);
  telegram = sandbox.telegram;
  outbound = open(listening.apiRoot);
});
afterEach(() => listening.close());

function open(apiRoot: string): Outbound {
  return makeOutbound({ api: makeApi({ botToken: SANDBOX_BOT.token, apiRoot }), log, clock: () => new Date(), random: () => 0.01 });
}

const errorOf = async (call: Promise<unknown>): Promise<AppError> =>
  call.then(() => new AppError('internal', 'nothing was thrown'), toAppError);
const signal = AbortSignal.timeout(60_000);

describe('the program’s own messages', () => {
  test('wait when Telegram asks for it, and arrive', async () => {
    telegram.failNext({ method: 'sendMessage', as: { status: 429, retryAfter: 1 } });
    const before = performance.now();
    const sent = await outbound.send(HERE, toView(fmt`${bold('hello')} there`));
    expect(performance.now() - before).toBeGreaterThan(900);
    expect(telegram.message(HERE.chatId, sent.messageId)).toMatchObject({
      text: 'hello there',
      entities: [{ type: 'bold', offset: 0, length: 5 }],
    });
  });

  test('a wait of more than a minute is handed to whoever asked', async () => {
    telegram.failNext({ method: 'sendMessage', as: { status: 429, retryAfter: 61 } });
    expect(await errorOf(outbound.send(HERE, toView('hello')))).toMatchObject({ code: 'telegram_flood', retry: 'later' });
  });

  test('are tried again after a 500 and a broken connection, three times in all', async () => {
    telegram.failNext({ method: 'sendMessage', as: { status: 500 } });
    telegram.failNext({ method: 'sendMessage', as: 'drop-before' });
    await outbound.send(HERE, toView('hello'));
    expect(telegram.calls('sendMessage')).toHaveLength(3);
    telegram.failNext({ method: 'sendMessage', as: { status: 502 }, times: 9 });
    expect((await errorOf(outbound.send(HERE, toView('again')))).code).toBe('telegram_unavailable');
    expect(telegram.calls('sendMessage')).toHaveLength(6);
  });

  test('an edit that changes nothing is done, one of a deleted message says so', async () => {
    const message = await outbound.send(HERE, toView('one'));
    expect(await outbound.edit(message, toView('one'))).toBe('unchanged');
    expect(await outbound.edit(message, toView('two'))).toBe('edited');
    telegram.remove(PERSONAS.adam.id, HERE.chatId, message.messageId);
    expect(await outbound.edit(message, toView('three'))).toBe('gone');
  });

  test('progress gives way instead of waiting', async () => {
    const message = await outbound.send(HERE, toView('0 %'));
    expect(await outbound.editProgress(message, toView('10 %'))).toEqual({ outcome: 'edited' });
    const early = await outbound.editProgress(message, toView('20 %'));
    expect(early).toMatchObject({ outcome: 'later' });
    telegram.failNext({ method: 'sendMessage', as: { answerDelayMs: 200 } });
    const important = outbound.send(CHANNEL, toView('a card'));
    const other = { ...CHANNEL, messageId: 1 };
    expect(await outbound.editProgress(other, toView('x'))).toEqual({ outcome: 'later', retryAfterMs: 300 });
    await important;
  });

  test('what is too long arrives cut, with its buttons; never half a character', async () => {
    const keyboard = { inline_keyboard: [[{ text: 'OK', callback_data: 'x' }]] };
    const sent = await outbound.send(HERE, toView(`x${'😀'.repeat(3000)}`, keyboard));
    const shown = telegram.message(HERE.chatId, sent.messageId);
    expect(shown?.text?.length).toBeLessThanOrEqual(4096);
    expect(shown?.text?.endsWith('😀…')).toBe(true);
    expect(shown?.reply_markup).toEqual(keyboard);
  });

  test('no error says the token', async () => {
    const error = await errorOf(outbound.send({ chatId: PERSONAS.sam.id, topicId: null }, toView('hello')));
    expect(error).toMatchObject({ code: 'telegram_refused', context: { method: 'sendMessage', chatId: PERSONAS.sam.id, status: 403 } });
    await listening.close();
    const away = await errorOf(outbound.send(HERE, toView('hello')));
    expect(away.code).toBe('telegram_unavailable');
    for (const one of [error, away]) expect(JSON.stringify([one.message, one.context, String(one.cause)])).not.toContain('sandbox-token');
    await outbound.answerPress('1', 'nobody hears this');
  });
});

describe('what an agent made', () => {
  const part = {
    kind: 'text' as const,
    text: 'See https://example.org and #gold now',
    entities: [{ type: 'bold' as const, offset: 0, length: 3 }],
  };

  test('is sent once, and what Telegram added by itself is left out of what is shown', async () => {
    const result = await outbound.messenger.sendPart(part, null, CHANNEL, { signal });
    expect(result).toMatchObject({ outcome: 'sent', shown: { text: part.text, entities: part.entities } });
    expect(telegram.lastMessage(CHANNEL.chatId)?.entities?.map(({ type }) => type)).toEqual(['bold', 'url', 'hashtag']);
  });

  test.each([
    ['a 429', { status: 429, retryAfter: 7 } as const, { outcome: 'refused', reason: 'flood', retryAfterMs: 7000 }],
    ['a 400', { status: 400, description: 'message is too long' }, { outcome: 'refused', reason: 'invalid' }],
    ['a 400 about the chat', { status: 400, description: 'chat not found' }, { outcome: 'refused', reason: 'forbidden' }],
    ['a 403', { status: 403, description: 'bot was kicked' }, { outcome: 'refused', reason: 'forbidden' }],
    ['a 500 by the Bot API', { status: 500 }, { outcome: 'unknown' }],
    ['a connection that broke before it was looked at', 'drop-before' as const, { outcome: 'unknown' }],
    ['a connection that broke after it was carried out', 'drop-after' as const, { outcome: 'unknown' }],
  ])('%s: no second try, and an honest word', async (_, as, expected) => {
    telegram.failNext({ method: 'sendMessage', as });
    expect(await outbound.messenger.sendPart(part, null, CHANNEL, { signal })).toMatchObject(expected);
    expect(telegram.calls('sendMessage')).toHaveLength(1);
  });

  test('a go that has become too old is looked at last: nothing leaves, and that is certain', async () => {
    const isFresh = () => false;
    const late = { outcome: 'refused', reason: 'late' };
    expect(await outbound.messenger.sendPart(part, null, CHANNEL, { signal, isFresh })).toMatchObject(late);
    expect(await outbound.messenger.copyMessage({ ...CHANNEL, messageId: 1 }, CHANNEL, { signal, isFresh })).toMatchObject(late);
    expect([...telegram.calls('sendMessage'), ...telegram.calls('copyMessage')]).toEqual([]);
  });

  test('after a 429 nothing leaves until its time, and says so: certain, with the time to wait', async () => {
    telegram.failNext({ method: 'sendMessage', as: { status: 429, retryAfter: 30 } });
    await outbound.messenger.sendPart(part, null, CHANNEL, { signal });
    const held = await outbound.messenger.sendPart(part, null, CHANNEL, { signal });
    expect(held).toMatchObject({ outcome: 'refused', reason: 'flood', description: expect.stringContaining('not sent') });
    expect(telegram.calls('sendMessage')).toHaveLength(1);
    expect(await outbound.messenger.sendPart(part, null, HERE, { signal })).toMatchObject({ outcome: 'sent' });
  });

  test('nobody listening, and interrupted before, is certain; interrupted while sending is not', async () => {
    expect(await outbound.messenger.sendPart(part, null, CHANNEL, { signal: AbortSignal.abort() })).toMatchObject({ outcome: 'refused' });
    telegram.failNext({ method: 'sendMessage', as: { answerDelayMs: 5_000 } });
    const ending = new AbortController();
    const sending = outbound.messenger.sendPart(part, null, CHANNEL, { signal: ending.signal });
    await telegram.waitFor(({ calls }) => calls('sendMessage').length === 1);
    ending.abort();
    expect(await sending).toMatchObject({ outcome: 'unknown' });
    await listening.close();
    expect(await open(listening.apiRoot).messenger.sendPart(part, null, CHANNEL, { signal })).toMatchObject({
      outcome: 'refused',
      reason: 'unavailable',
    });
  });

  test('a staged message is copied; one that is gone is missing', async () => {
    const staged = await outbound.send({ chatId: CHATS.admin.id, topicId: null }, toView('staged'));
    expect(await outbound.messenger.copyMessage(staged, CHANNEL, { signal })).toMatchObject({ outcome: 'sent', shown: null });
    expect(telegram.lastMessage(CHANNEL.chatId)?.text).toBe('staged');
    telegram.remove(PERSONAS.olivia.id, CHATS.admin.id, staged.messageId);
    expect(await outbound.messenger.copyMessage(staged, CHANNEL, { signal })).toMatchObject({
      outcome: 'refused',
      reason: 'source_missing',
    });
  });
});

describe('a question to Telegram', () => {
  const file = { kind: 'document' as const, file_id: 'unknown', name: 'plan.txt', size_bytes: null };

  test.each([
    ['answered with 429 is worth another try', { status: 429, retryAfter: 3 } as const, { code: 'telegram_flood', retry: 'later' }],
    ['that breaks is worth another try', 'drop-before' as const, { code: 'telegram_unavailable', retry: 'later' }],
    ['answered with no is not', { status: 400 }, { code: 'telegram_refused', retry: 'never' }],
  ])('%s', async (_, as, expected) => {
    telegram.failNext({ method: 'getFile', as });
    const { apiRoot } = listening;
    const token = SANDBOX_BOT.token;
    const attachments = makeAttachments({ api: makeApi({ botToken: token, apiRoot }), apiRoot, token });
    expect(await errorOf(attachments.load(file, signal))).toMatchObject(expected);
  });
});
