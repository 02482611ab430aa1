import { createServer } from 'node:http';
import { Bot } from 'grammy';
import { afterEach, describe, expect, it } from 'vitest';
import { CHATS, GROUP_ANONYMOUS_BOT, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { openStage, refusalOf } from './support.ts';

const { adam, olivia, bella, max } = PERSONAS;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

describe('receiving', () => {
  it('delivers again what was not acknowledged, and drops what was', async () => {
    await using stage = await openStage();
    stage.telegram.say(adam.id, adam.id, 'one');
    stage.telegram.say(adam.id, adam.id, 'two');
    const [first, second] = await stage.api.getUpdates();
    expect([first?.message?.text, second?.message?.text]).toEqual(['one', 'two']);
    expect(await stage.api.getUpdates({ limit: 1 })).toEqual([first]);
    expect(await stage.api.getUpdates({ offset: second?.update_id })).toEqual([second]);
    expect(await stage.api.getUpdates()).toEqual([second]);
    expect(await stage.api.getUpdates({ offset: (second?.update_id ?? 0) + 1 })).toEqual([]);
    expect(stage.telegram.pendingUpdates()).toEqual([]);
  });

  it('ends the first poller with 409 when a second one comes', async () => {
    await using stage = await openStage();
    const first = stage.api.getUpdates({ timeout: 30 });
    const refused = refusalOf(first);
    await stage.telegram.waitFor((telegram) => telegram.calls('getUpdates').length === 1);
    const second = stage.api.getUpdates({ timeout: 30 });
    expect(await refused).toMatchObject({ code: 409, description: expect.stringContaining('terminated by other getUpdates request') });
    stage.telegram.say(adam.id, adam.id, 'hello');
    expect((await second).map(({ message }) => message?.text)).toEqual(['hello']);
  });

  it('sends only the kinds that were asked for', async () => {
    await using stage = await openStage();
    const { message_id } = stage.telegram.say(olivia.id, CHATS.admin.id, 'x');
    stage.telegram.react(olivia.id, CHATS.admin.id, message_id, '👍');
    await stage.api.getUpdates({ allowed_updates: ['message_reaction'] });
    stage.telegram.say(olivia.id, CHATS.admin.id, 'y');
    stage.telegram.react(olivia.id, CHATS.admin.id, message_id, '🔥');
    const kinds = (await stage.api.getUpdates()).map((update) => Object.keys(update)[1]);
    expect(kinds).toEqual(['message', 'message_reaction']);
  });

  it('shows edits, forwards, anonymous admins and channel posts for what they are', async () => {
    await using stage = await openStage();
    const said = stage.telegram.say(adam.id, CHATS.admin.id, '/status');
    stage.telegram.edit(adam.id, CHATS.admin.id, said.message_id, '/approve T3-7F3K yes');
    stage.telegram.say(bella.id, CHATS.admin.id, '', { forwardFrom: { chatId: CHATS.admin.id, messageId: said.message_id } });
    stage.telegram.say(olivia.id, CHATS.admin.id, '/resume', { asAnonymousAdmin: true });
    stage.telegram.say(olivia.id, CHATS.signals.id, 'by hand');
    expect(await stage.api.getUpdates()).toMatchObject([
      { message: { text: '/status', from: { id: adam.id }, entities: [{ type: 'bot_command', offset: 0, length: 7 }] } },
      { edited_message: { text: '/approve T3-7F3K yes', edit_date: expect.any(Number) } },
      { message: { from: { id: bella.id }, forward_origin: { type: 'user', sender_user: { id: adam.id } } } },
      { message: { from: { id: GROUP_ANONYMOUS_BOT.id }, sender_chat: { id: CHATS.admin.id } } },
      { channel_post: { text: 'by hand', sender_chat: { id: CHATS.signals.id }, author_signature: 'Olivia' } },
    ]);
    expect(() => stage.telegram.say(max.id, CHATS.signals.id, 'me too')).toThrow(/cannot post/);
    expect(() => stage.telegram.say(max.id, CHATS.admin.id, 'me too')).toThrow(/cannot write/);
  });

  it('answers a press once, and not too late', async () => {
    let now = Date.parse('2026-11-22T10:00:00Z');
    await using stage = await openStage({ clock: () => new Date(now) });
    const { message_id } = await stage.api.sendMessage(CHATS.admin.id, 'card', {
      reply_markup: { inline_keyboard: [[{ text: '✅ Approve', callback_data: 'ap:1' }]] },
    });
    const answered = stage.telegram.press(adam.id, CHATS.admin.id, message_id, 'approve');
    const [update] = await stage.api.getUpdates();
    expect(update?.callback_query).toMatchObject({ from: { id: adam.id }, data: 'ap:1', message: { message_id, text: 'card' } });
    const id = update?.callback_query?.id ?? '';
    await stage.api.answerCallbackQuery(id, { text: 'Noted', show_alert: true });
    expect(await answered).toEqual({ text: 'Noted', showAlert: true, url: undefined });
    const tooOld = 'Bad Request: query is too old and response timeout expired or query ID is invalid';
    expect(await refusalOf(stage.api.answerCallbackQuery(id))).toMatchObject({ description: tooOld });
    const late = stage.telegram.pressRaw(adam.id, CHATS.admin.id, message_id, 'forged');
    now += 61_000;
    expect(await refusalOf(stage.api.answerCallbackQuery(late.callbackQueryId))).toMatchObject({ description: tooOld });
    expect(() => stage.telegram.pressRaw(max.id, CHATS.admin.id, message_id, 'ap:1')).toThrow(/sees no message/);
  });

  it('drives a grammY bot', async () => {
    await using stage = await openStage();
    const bot = new Bot(SANDBOX_BOT.token, { client: { apiRoot: stage.listening.apiRoot } });
    bot.command('start', (context) => context.reply(`Hello ${context.from?.first_name}`));
    const running = bot.start();
    stage.telegram.start(olivia.id, 'deep');
    await expect(stage.telegram.waitForMessage(olivia.id, 'Hello Olivia')).resolves.toMatchObject({
      from: { id: SANDBOX_BOT.id, is_bot: true },
    });
    await bot.stop();
    await running;
  });

  it('delivers to a webhook with the secret, in order within a chat, and again until it is taken', async () => {
    await using stage = await openStage({ webhookRetryMs: 5 });
    const received: string[] = [];
    let failuresLeft = 2;
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const body: { message: { text: string } } = JSON.parse(Buffer.concat(chunks).toString());
        received.push(`${request.headers['x-telegram-bot-api-secret-token']} ${body.message.text}`);
        response.writeHead(failuresLeft-- > 0 ? 500 : 200).end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closers.push(() => new Promise((resolve) => void server.close(() => resolve())));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    await stage.api.setWebhook(`http://127.0.0.1:${port}/hook`, { secret_token: 's3cret' });
    expect(await refusalOf(stage.api.getUpdates())).toMatchObject({
      code: 409,
      description: expect.stringContaining("can't use getUpdates method while webhook is active"),
    });
    stage.telegram.say(adam.id, adam.id, 'one');
    stage.telegram.say(adam.id, adam.id, 'two');
    await stage.telegram.waitFor((telegram) => telegram.pendingUpdates().length === 0);
    expect(received).toEqual(['s3cret one', 's3cret one', 's3cret one', 's3cret two']);
    expect(await stage.api.getWebhookInfo()).toMatchObject({ pending_update_count: 0, last_error_message: expect.stringContaining('500') });
    expect(await refusalOf(stage.api.setWebhook('http://example.com/x'))).toMatchObject({ code: 400 });
    await stage.api.deleteWebhook();
    server.closeAllConnections();
  });
});
