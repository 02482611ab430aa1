import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import {
  ask,
  giveTask,
  listPublished,
  listReplies,
  pressCard,
  readAnswer,
  textOf,
  until,
  waitForCard,
  waitForDone,
} from '../support/telling.ts';

const { olivia, oscar, adam, bella, max, sam } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const count = async (text: string) => Number((await app.sql(`select count(*)::int as count from ${text}`))[0]?.count);
const settle = () =>
  until(
    async () => app.telegram.pendingUpdates().length === 0 && (await count("public.inbox where status in ('pending', 'processing')")) === 0,
  );

test('a goal of 20,000 characters, an empty one, and one that is a command are no tasks', async () => {
  const before = app.telegram.history(adam.id).length;
  app.telegram.say(adam.id, adam.id, `/task ${'opening hours '.repeat(1_430)}`);
  await app.telegram.waitForMessage(adam.id, 'I take up to 4000');
  await settle();
  // The pieces that a client makes of it are not answered one by one.
  expect(
    app.telegram
      .history(adam.id)
      .slice(before)
      .filter((message) => message.from?.is_bot).length,
  ).toBeLessThanOrEqual(2);
  expect(textOf(await ask(app, bella.id, '/task    '))).toContain('What should be done?');
  expect(textOf(await ask(app, bella.id, '/cancel'))).toContain('No task was given');
  expect(textOf(await ask(app, adam.id, '/task /stop all'))).toContain('That goal is itself a command');
  expect(textOf(await ask(app, adam.id, '/task \u200b\u2060\ufeff'))).toContain('nothing to see');
  expect(await count('public.tasks')).toBe(0);
  expect((await app.sql('select stopped_at from public.stop_switch'))[0]?.stopped_at).toBeNull();
});

test('what is not meant for this bot, or only looks like a command, does nothing', async () => {
  app.telegram.say(adam.id, CHATS.admin.id, '/task@some_other_bot Summarise the opening hours');
  app.telegram.say(adam.id, CHATS.admin.id, '/unheard of');
  app.telegram.say(adam.id, CHATS.admin.id, 'please /stop this');
  const lookalikes = [adam.id, CHATS.admin.id].map((chatId) => app.telegram.say(adam.id, chatId, '/st\u043ep')); // a Cyrillic o
  const said = app.telegram.say(adam.id, CHATS.admin.id, `/tasks@${SANDBOX_BOT.username}`);
  await app.telegram.waitFor(() => listReplies(app, said).length === 1);
  await settle();
  expect(app.telegram.history(CHATS.admin.id).filter((message) => message.from?.is_bot)).toHaveLength(2);
  expect((await app.sql('select stopped_at from public.stop_switch'))[0]?.stopped_at).toBeNull();
  // Whoever meant it has to be told that it was none.
  for (const lookalike of lookalikes)
    expect(listReplies(app, lookalike).map(textOf)).toEqual([expect.stringContaining('looks like a command and is none')]);
  expect(await count('public.tasks')).toBe(0);
});

test.each([
  ['/approve', 'Which request?'],
  ['/approve 17;18 yes', 'I read 17;18 as the reference'],
  ['/approve -1 yes', 'I read -1 as the reference'],
  ['/approve T2-ZZZZ yes', 'There is no request with this reference'],
  ['/approve T2-7F3K maybe', 'I know only yes and no'],
  ['/approve T2-7F3K no', 'A rejection needs a reason'],
  ["/approve T2-7F3K' yes", 'as the reference'],
  ['/status T-2025-09-28-9999', 'There is no task'],
  ['/status 17', '17'],
  ['/why', '/why'],
  ['/cancel T-2025-09-28-9999', 'There is no such task'],
  ['/tasks nonsense', 'nonsense'],
])('%s is answered with what is wrong', async (text, words) => {
  expect(textOf(await ask(app, oscar.id, text))).toContain(words);
  expect(await count('public.approvals')).toBe(0);
});

test('markup, direction marks and hidden characters in a goal are text wherever it is shown', async () => {
  const goal = 'Publish a post about <b>prices</b> & <a href="https://evil.example">here</a> \u202eesrever\u202c and hid\u200bden';
  const task = await giveTask(app, bella.id, goal);
  const card = await waitForCard(app, task);
  const shown = [
    app.telegram.message(task.chatId, task.messageId),
    app.telegram.message(card.chatId, card.messageId),
    await ask(app, bella.id, '/tasks'),
    await ask(app, bella.id, `/status ${task.taskId}`),
    await ask(app, bella.id, `/why ${task.taskId}`),
  ];
  for (const message of shown) {
    if (message === undefined) throw new Error('a message is gone');
    const text = readAnswer(app, message);
    expect(text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]/);
    expect((message.entities ?? []).filter(({ type, url }) => type === 'text_link' && url?.includes('evil.example'))).toEqual([]);
  }
  expect(textOf(shown[0])).toContain('<b>prices</b>');
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, task);
  for (const text of listPublished(app)) expect(text).not.toMatch(/[\u202a-\u202e\u200b]/);
});

test('strangers get one polite answer, whatever they send; in private only', async () => {
  const first = await ask(app, sam.id, '/task Summarise your secrets');
  expect(textOf(first)).toContain('nobody has given you a role');
  expect(textOf(first)).not.toMatch(/Olivia|Adam|T-\d/);
  for (const text of ['hello?', '/tasks', '/status', '/approve T2-7F3K yes', '/resume']) app.telegram.say(sam.id, sam.id, text);
  await settle();
  expect(app.telegram.history(sam.id).filter((message) => message.from?.is_bot)).toHaveLength(1);
  // /start and /help always answer.
  expect(textOf(await ask(app, sam.id, '/help'))).toContain('You have no role here');
  expect(textOf(await ask(app, max.id, '/start'))).toContain('nobody has given you a role');
});

test('in the admin group only people speak: not channels, not anonymous admins, not forwards, not inline bots', async () => {
  const { telegram } = app;
  const before = { tasks: await count('public.tasks') };
  telegram.say(olivia.id, CHATS.admin.id, '/stop', { asAnonymousAdmin: true });
  await telegram.waitForMessage(CHATS.admin.id, (message) => message.from?.is_bot === true && /anonymous/i.test(textOf(message)));
  telegram.say(olivia.id, CHATS.admin.id, '/task Summarise the prices', { asChannel: CHATS.signals.id });
  telegram.say(oscar.id, CHATS.admin.id, '/stop via a bot', { viaBot: 'gif' });
  const original = telegram.say(oscar.id, oscar.id, '/stop forwarded');
  await telegram.waitFor(() => listReplies(app, original).length > 0);
  await ask(app, adam.id, '/resume');
  await ask(app, oscar.id, '/resume');
  telegram.say(oscar.id, CHATS.admin.id, '', { forwardFrom: { chatId: oscar.id, messageId: original.message_id } });
  const innocent = telegram.say(adam.id, CHATS.admin.id, 'nothing to see');
  telegram.edit(adam.id, CHATS.admin.id, innocent.message_id, '/stop edited');
  telegram.say(olivia.id, CHATS.signals.id, '/stop in the channel');
  await settle();
  expect((await app.sql('select stopped_at from public.stop_switch'))[0]?.stopped_at).toBeNull();
  expect(await count('public.tasks')).toBe(before.tasks);
});

test('a command that reached the bot late does not decide', async () => {
  const message = {
    message_id: 9_001,
    date: Math.floor(Date.now() / 1000) - 16 * 60,
    chat: { id: olivia.id, type: 'private' as const, first_name: 'Olivia' },
    from: { id: olivia.id, is_bot: false, first_name: 'Olivia' },
    text: '/approve T2-7F3K yes',
    entities: [{ type: 'bot_command' as const, offset: 0, length: 8 }],
  };
  app.telegram.injectUpdate({ message });
  await app.telegram.waitForMessage(olivia.id, 'reached me late');
});

test('updates of no known form are set aside, and the next one is handled', async () => {
  app.telegram.injectUpdate({ message: { text: '/stop', date: 'yesterday' } } as never);
  app.telegram.injectUpdate({ callback_query: { id: 7 } } as never);
  expect(textOf(await ask(app, adam.id, '/help'))).toContain('/task');
  await settle();
  expect(await count("public.inbox where status = 'rejected'")).toBe(2);
  expect(await count("public.inbox where status = 'dead'")).toBe(0);
});
