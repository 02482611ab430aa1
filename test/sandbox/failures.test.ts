import { HttpError } from 'grammy';
import { describe, expect, it } from 'vitest';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { openStage, refusalOf } from './support.ts';

const { adam } = PERSONAS;

describe('what goes wrong on request', () => {
  it('answers 429 with the time to wait, as often as asked, where asked', async () => {
    await using stage = await openStage();
    stage.telegram.failNext({ method: 'sendMessage', chatId: CHATS.admin.id, times: 2, as: { status: 429, retryAfter: 7 } });
    await stage.api.sendMessage(adam.id, 'elsewhere');
    const flood = { code: 429, description: 'Too Many Requests: retry after 7', retryAfter: 7 };
    expect(await refusalOf(stage.api.sendMessage(CHATS.admin.id, 'x'))).toEqual(flood);
    expect(await refusalOf(stage.api.sendMessage(CHATS.admin.id, 'x'))).toEqual(flood);
    await stage.api.sendMessage(CHATS.admin.id, 'x');
    expect(stage.telegram.history(CHATS.admin.id)).toHaveLength(1);
    const { status, retryAfter, injected } = stage.telegram.calls('sendMessage')[1] ?? {};
    expect({ status, retryAfter, injected }).toEqual({ status: 429, retryAfter: 7, injected: { status: 429, retryAfter: 7 } });
  });

  it('resets the connection before or after the call is carried out', async () => {
    await using stage = await openStage();
    stage.telegram.failNext({ as: 'drop-before' });
    await expect(stage.api.sendMessage(adam.id, 'lost')).rejects.toBeInstanceOf(HttpError);
    expect(stage.telegram.history(adam.id)).toEqual([]);
    stage.telegram.failNext({ as: 'drop-after' });
    await expect(stage.api.sendMessage(adam.id, 'sent')).rejects.toBeInstanceOf(HttpError);
    expect(stage.telegram.history(adam.id).map(({ text }) => text)).toEqual(['sent']);
    expect(stage.telegram.calls()[1]).toMatchObject({
      status: undefined,
      answeredAt: undefined,
      result: { text: 'sent' },
      injected: 'drop-after',
    });
  });

  it('answers with any status and words, or later', async () => {
    await using stage = await openStage();
    stage.telegram.failNext({ as: { status: 403, description: 'bot was kicked from the channel chat' } });
    expect(await refusalOf(stage.api.sendMessage(adam.id, 'x'))).toMatchObject({
      code: 403,
      description: 'Forbidden: bot was kicked from the channel chat',
    });
    stage.telegram.failNext({ as: { status: 500, description: 'Internal Server Error' } });
    expect(await refusalOf(stage.api.sendMessage(adam.id, 'x'))).toMatchObject({ code: 500 });
    stage.telegram.failNext({ as: { answerDelayMs: 30_000 } });
    const hangUp = new AbortController();
    const url = `${stage.listening.apiRoot}/bot${SANDBOX_BOT.token}/sendMessage?chat_id=${adam.id}&text=slow`;
    const waiting = fetch(url, { signal: hangUp.signal }).catch((error: unknown) => error);
    await stage.telegram.waitForMessage(adam.id, 'slow');
    expect(stage.telegram.calls().at(-1)?.status).toBeUndefined();
    hangUp.abort();
    expect(await waiting).toMatchObject({ name: 'AbortError' });
  });

  it('limits floods when it is switched on', async () => {
    let now = Date.parse('2026-11-22T10:00:00Z');
    await using stage = await openStage({ clock: () => new Date(now) });
    stage.telegram.setFloodLimiter(true);
    for (let sent = 0; sent < 5; sent++) await stage.api.sendMessage(adam.id, `message ${sent}`);
    expect(await refusalOf(stage.api.sendMessage(adam.id, 'one more'))).toMatchObject({ code: 429, retryAfter: 1 });
    now += 1000;
    await stage.api.sendMessage(adam.id, 'a second later');
  });

  it('says what it waited for in vain', async () => {
    await using stage = await openStage();
    await expect(stage.telegram.waitForMessage(adam.id, 'never', { timeoutMs: 10 })).rejects.toThrow(
      'waited 10 ms for a message in 111 that fits never',
    );
    await expect(stage.telegram.waitFor(() => false, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'aborted' });
  });
});
