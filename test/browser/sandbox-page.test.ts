import { Bot, InlineKeyboard } from 'grammy';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeMemoryJournal } from '../../src/sandbox/journal.ts';
import { listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox } from '../../src/sandbox/sandbox.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { openStage } from '../sandbox/support.ts';
import { launchBrowser, openChatPage } from '../support/browser.ts';

const { adam, olivia, max } = PERSONAS;
let browser: Browser;
beforeAll(async () => {
  browser = await launchBrowser();
});
afterAll(() => browser.close());

describe('the chat page in a browser', () => {
  it('starts a conversation, sends, and shows answers and edits as they come', async () => {
    await using stage = await openStage();
    const bot = new Bot(SANDBOX_BOT.token, { client: { apiRoot: stage.listening.apiRoot } });
    bot.command('start', (context) => context.reply('Welcome'));
    const running = bot.start();
    const chat = await openChatPage(browser, stage.listening.pageUrl, { personaId: olivia.id, chatId: olivia.id });
    await chat.start();
    await chat.message('Welcome').waitFor();
    await chat.say('<img src=x onerror=alert(1)> & *stars*');
    expect(stage.telegram.lastMessage(olivia.id)?.text).toBe('<img src=x onerror=alert(1)> & *stars*');
    await chat.message('<img src=x onerror=alert(1)>').waitFor();
    const sent = await stage.api.sendMessage(olivia.id, 'working', { entities: [{ type: 'bold', offset: 0, length: 7 }] });
    await chat.page.locator(`[data-testid="text-${sent.message_id}"] strong`, { hasText: 'working' }).waitFor();
    await stage.api.editMessageText(olivia.id, sent.message_id, 'done');
    await chat.page.getByTestId(`edited-${sent.message_id}`).waitFor();
    await chat.message('done').waitFor();
    expect(chat.problems).toEqual([]);
    await bot.stop();
    await running;
    await chat.close();
  });

  it('presses buttons and shows what the bot answers; another person sees the edit', async () => {
    await using stage = await openStage();
    const bot = new Bot(SANDBOX_BOT.token, { client: { apiRoot: stage.listening.apiRoot } });
    bot.callbackQuery('ok', async (context) => {
      await context.answerCallbackQuery('Noted');
      await context.editMessageText(`approved by ${context.from.first_name}`, {
        reply_markup: new InlineKeyboard([[{ text: 'Closed', disabled: {} }]]),
      });
    });
    bot.callbackQuery('why', (context) => context.answerCallbackQuery({ text: 'Because of the rule', show_alert: true }));
    const running = bot.start();
    const card = await stage.api.sendMessage(CHATS.admin.id, 'Approve?', {
      reply_markup: new InlineKeyboard().text('Approve', 'ok').success().text('Details', 'why'),
    });
    const first = await openChatPage(browser, stage.listening.pageUrl, { personaId: adam.id, chatId: CHATS.admin.id });
    const second = await openChatPage(browser, stage.listening.pageUrl, { personaId: olivia.id, chatId: CHATS.admin.id });
    await first.press('Details');
    await first.page.getByTestId('alert-text').filter({ hasText: 'Because of the rule' }).waitFor();
    await first.page.getByRole('button', { name: 'OK' }).click();
    await first.press('Approve');
    await first.toast().filter({ hasText: 'Noted' }).waitFor();
    await second.message('approved by Adam').waitFor();
    expect(await second.page.getByTestId(`button-${card.message_id}-Closed`).isDisabled()).toBe(true);
    await bot.stop();
    await running;
    await first.close();
    await second.close();
  });

  it('replies to what asks for a reply, attaches a file, edits and deletes', async () => {
    await using stage = await openStage();
    const asked = stage.telegram.say(adam.id, CHATS.admin.id, 'no');
    const question = await stage.api.sendMessage(CHATS.admin.id, 'Why not?', {
      reply_parameters: { message_id: asked.message_id },
      reply_markup: { force_reply: true, selective: true, input_field_placeholder: 'The reason' },
    });
    const chat = await openChatPage(browser, stage.listening.pageUrl, { personaId: adam.id, chatId: CHATS.admin.id });
    await chat.page.getByTestId('composer-bar').filter({ hasText: 'Why not?' }).waitFor();
    await chat.page.getByPlaceholder('The reason').fill('Too risky');
    await chat.page.getByTestId('send').click();
    const reply = await stage.telegram.waitForMessage(CHATS.admin.id, 'Too risky');
    expect(reply.reply_to_message?.message_id).toBe(question.message_id);
    await chat.page.getByTestId('file-input').setInputFiles({ name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('evidence') });
    await chat.say('see the notes');
    const sent = await stage.telegram.waitForMessage(CHATS.admin.id, 'see the notes');
    expect(Buffer.from(stage.telegram.fileBytes(sent.document?.file_id ?? '')).toString()).toBe('evidence');
    await chat.page.getByTestId(`more-${reply.message_id}`).click();
    await chat.page.getByRole('menuitem', { name: 'Edit' }).click();
    await chat.say('Far too risky');
    await stage.telegram.waitFor((telegram) => telegram.message(CHATS.admin.id, reply.message_id)?.text === 'Far too risky');
    await chat.page.getByTestId(`more-${reply.message_id}`).click();
    await chat.page.getByRole('menuitem', { name: 'Delete' }).click();
    await chat.page.getByTestId('confirm').getByRole('button', { name: 'Delete' }).click();
    await stage.telegram.waitFor((telegram) => telegram.message(CHATS.admin.id, reply.message_id) === undefined);
    expect(chat.problems).toEqual([]);
    await chat.close();
  });

  it('keeps what is said while a chat is being loaded', async () => {
    await using stage = await openStage();
    const chat = await openChatPage(browser, stage.listening.pageUrl, { personaId: adam.id, chatId: adam.id });
    await chat.page.getByTestId('composer').waitFor();
    const answered = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    const route = `**/api/chats/${adam.id}?*`;
    await chat.page.route(
      route,
      async (request) => {
        const response = await request.fetch();
        asked.resolve();
        await answered.promise;
        await request.fulfill({ response });
      },
      { times: 1 },
    );
    // A new menu makes the page load the chat again.
    await stage.api.setMyCommands([{ command: 'help', description: 'Help' }]);
    await asked.promise;
    await stage.api.sendMessage(adam.id, 'said meanwhile');
    await chat.message('said meanwhile').waitFor();
    answered.resolve();
    await chat.page.waitForResponse((response) => response.url().includes(`/api/chats/${adam.id}?`));
    await stage.api.sendMessage(adam.id, 'said afterwards');
    await chat.message('said afterwards').waitFor();
    expect(await chat.message('said meanwhile').count()).toBe(1);
    await chat.close();
  });

  it('fits a phone: the list, the chat and back; unread counts; other people', async () => {
    await using stage = await openStage();
    await stage.api.sendMessage(CHATS.signals.id, 'A signal');
    const chat = await openChatPage(browser, stage.listening.pageUrl, { personaId: max.id, viewport: { width: 400, height: 800 } });
    await chat.page.getByTestId(`unread-${CHATS.signals.id}`).filter({ hasText: '1' }).waitFor();
    await chat.open(CHATS.signals.id);
    await chat.message('A signal').waitFor();
    await chat.page.getByRole('button', { name: 'Back to the chats' }).click();
    await chat.page.getByTestId(`chat-${CHATS.signals.id}`).waitFor();
    await chat.page.getByTestId(`unread-${CHATS.signals.id}`).waitFor({ state: 'detached' });
    expect(await chat.page.getByTestId(`chat-${CHATS.admin.id}`).count()).toBe(0);
    await chat.become(adam.id);
    await chat.page.getByTestId(`chat-${CHATS.admin.id}`).waitFor();
    expect(await chat.page.evaluate('document.documentElement.scrollWidth')).toBe(400);
    await chat.close();
  });

  it('comes back by itself after the server was away', async () => {
    const journal = makeMemoryJournal();
    const before = await openStage({ journal });
    const chat = await openChatPage(browser, before.listening.pageUrl, { personaId: adam.id, chatId: adam.id });
    await chat.page.getByTestId('composer').waitFor();
    await before.listening.close();
    await chat.page.locator('.app.is-offline').waitFor();
    const sandbox = makeSandbox({ journal });
    sandbox.telegram.say(adam.id, adam.id, 'said meanwhile');
    const listening = await listenSandbox(sandbox, before.listening.port);
    await chat.message('said meanwhile').waitFor();
    await chat.page.locator('.app:not(.is-offline)').waitFor();
    await chat.close();
    await listening.close();
  });
});
