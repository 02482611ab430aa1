import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeApi } from '../../../src/bot/api.ts';
import { type ConfiguredChats, makeChatCheck } from '../../../src/bot/chat-check.ts';
import { AppError } from '../../../src/errors.ts';
import { type ListeningSandbox, listenSandbox } from '../../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';

const place = (chatId: number, topicId: number | null = null) => ({ chatId, topicId });
const CONFIGURED: ConfiguredChats = {
  admin: place(CHATS.admin.id),
  alert: place(CHATS.alerts.id),
  signals: place(CHATS.signals.id),
  vip: place(CHATS.vip.id),
};

let telegram: Sandbox['telegram'];
let listening: ListeningSandbox;
let logged: string[];
let now: Date;
let moves: [number, number][];
let inOrder: number[];
const onMoved = async (chatId: number, newChatId: number) => void moves.push([chatId, newChatId]);
const onInOrder = async (chatIds: readonly number[]) => {
  inOrder = [...chatIds];
};
beforeEach(async () => {
  const sandbox = makeSandbox({ startedPersonaIds: [PERSONAS.olivia.id] });
  telegram = sandbox.telegram;
  listening = await listenSandbox(sandbox);
  logged = [];
  moves = [];
  inOrder = [];
  now = new Date('2026-11-22T12:00:00Z');
});
afterEach(() => listening.close());

function makeCheck(chats: Partial<ConfiguredChats> = {}) {
  const log = makeLogger({ level: 'info', destination: { write: (line) => void logged.push(line) } });
  const api = makeApi({ botToken: SANDBOX_BOT.token, apiRoot: listening.apiRoot });
  return makeChatCheck({ api, botId: SANDBOX_BOT.id, chats: { ...CONFIGURED, ...chats }, log, clock: () => now, onMoved, onInOrder });
}

const problemsWith = (chats: Partial<ConfiguredChats> = {}) => makeCheck(chats).listProblems();
const start = (chats: Partial<ConfiguredChats> = {}) => makeCheck(chats).start(new AbortController().signal);

async function refusalOf(chats: Partial<ConfiguredChats> = {}): Promise<unknown> {
  const thrown = await start(chats).then(
    () => null,
    (error: unknown) => error,
  );
  if (!(thrown instanceof AppError)) throw new Error(`the start was not refused: ${thrown}`);
  expect(thrown.code).toBe('config_invalid');
  return thrown.context.problems;
}

test('a bot that may do everything has nothing to say, and nothing is logged', async () => {
  await start();
  expect(logged).toEqual([]);
  expect(await problemsWith()).toEqual([]);
});

test('a chat the bot is not in is named by its variable, in the log and as a warning, and the start goes on', async () => {
  telegram.setMember(CHATS.signals.id, SANDBOX_BOT.id, 'left');
  await start();
  expect(logged.join()).toContain('AGS_SIGNALS_CHAT_ID');
  expect(await problemsWith()).toEqual([
    expect.stringMatching(/^AGS_SIGNALS_CHAT_ID: the bot is not in chat -1001000000003.*not a member/),
  ]);
});

test('the chats without a problem are told, so that what waits for them goes on', async () => {
  telegram.setBotRights(CHATS.signals.id, { can_post_messages: false });
  await problemsWith();
  expect(inOrder).toEqual([CHATS.admin.id, CHATS.alerts.id, CHATS.vip.id]);
  telegram.setBotRights(CHATS.signals.id, { can_post_messages: true });
  await problemsWith();
  expect(inOrder).toContain(CHATS.signals.id);
});

test('an id that nobody has', async () => {
  expect(await problemsWith({ alert: place(-1009) })).toEqual([
    expect.stringMatching(/^AGS_ALERT_CHAT_ID: .*-1009.*chat not found.*check the id/),
  ]);
});

test.each([
  ['AGS_ADMIN_CHAT_ID', CHATS.admin.id, { can_pin_messages: false }, '“Pin messages”'],
  ['AGS_ALERT_CHAT_ID', CHATS.alerts.id, { can_post_messages: false }, '“Post messages”'],
  ['AGS_SIGNALS_CHAT_ID', CHATS.signals.id, { can_post_messages: false }, '“Post messages”'],
  ['AGS_VIP_CHAT_ID', CHATS.vip.id, { can_restrict_members: false, can_invite_users: false }, '“Invite users” and “Ban users”'],
])('%s says which right is missing', async (variable, chatId, rights, names) => {
  telegram.setBotRights(chatId, rights);
  const [problem, ...more] = await problemsWith();
  expect(more).toEqual([]);
  expect(problem).toMatch(new RegExp(`^${variable}: in "AGS `));
  expect(problem).toContain(`lacks the right ${names}`);
});

test('a bot that is only a member is told to become an administrator, with the rights it takes', async () => {
  telegram.setMember(CHATS.admin.id, SANDBOX_BOT.id, 'member');
  telegram.setMember(CHATS.signals.id, SANDBOX_BOT.id, 'member');
  expect(await problemsWith()).toEqual([
    'AGS_ADMIN_CHAT_ID: in "AGS Admin" the bot is no administrator; make it one that may “Pin messages”',
    'AGS_SIGNALS_CHAT_ID: in "AGS Signals" the bot is no administrator; make it one that may “Post messages”',
  ]);
});

test('posts in a group take no more than the right to send', async () => {
  telegram.setMember(CHATS.vip.id, SANDBOX_BOT.id, 'member');
  expect(await problemsWith({ signals: place(CHATS.vip.id), vip: null })).toEqual([]);
  telegram.setMember(CHATS.vip.id, SANDBOX_BOT.id, 'restricted');
  expect(await problemsWith({ signals: place(CHATS.vip.id), vip: null })).toEqual([expect.stringContaining('may not send messages')]);
});

test('a topic in a group without topics', async () => {
  expect(await problemsWith({ admin: place(CHATS.admin.id, 17) })).toEqual([expect.stringMatching(/^AGS_ADMIN_CHAT_ID: .*has no topics/)]);
  const topicId = telegram.makeTopic(CHATS.admin.id, 'Approvals');
  expect(await problemsWith({ admin: place(CHATS.admin.id, topicId) })).toEqual([]);
});

test('an admin chat that is a channel or a private chat, or protects its content, ends the start with a sentence', async () => {
  expect(await refusalOf({ admin: place(CHATS.alerts.id) })).toEqual([
    expect.stringMatching(/^AGS_ADMIN_CHAT_ID: -1001000000002 is a channel, and approvals need a group/),
  ]);
  expect(await refusalOf({ admin: place(PERSONAS.olivia.id) })).toEqual([
    expect.stringMatching(/^AGS_ADMIN_CHAT_ID: 101 is a private chat/),
  ]);
  telegram.setProtectedContent(CHATS.admin.id, true);
  expect(await refusalOf()).toEqual([expect.stringMatching(/^AGS_ADMIN_CHAT_ID: "AGS Admin" protects its content/)]);
});

test('elsewhere protected content is nobody’s problem', async () => {
  telegram.setProtectedContent(CHATS.signals.id, true);
  await start();
  expect(await problemsWith()).toEqual([]);
});

test('chats that only stand in for the admin group are judged once', async () => {
  telegram.setMember(CHATS.admin.id, SANDBOX_BOT.id, 'left');
  expect(await problemsWith({ alert: CONFIGURED.admin, signals: CONFIGURED.admin, vip: null })).toHaveLength(1);
});

test('what has been put right is gone within a minute, and Telegram is not asked for every /status', async () => {
  telegram.setBotRights(CHATS.admin.id, { can_pin_messages: false });
  const check = makeCheck();
  expect(await check.listProblems()).toHaveLength(1);
  const asked = telegram.calls('getChat').length;
  telegram.setBotRights(CHATS.admin.id, { can_pin_messages: true });
  expect(await check.listProblems()).toHaveLength(1);
  expect(telegram.calls('getChat')).toHaveLength(asked);
  now = new Date(now.getTime() + 60_000);
  expect(await check.listProblems()).toEqual([]);
});

test('for /ready it is known at once, without a look of its own while all is well, and gone a minute after it was put right', async () => {
  telegram.setMember(CHATS.signals.id, SANDBOX_BOT.id, 'left');
  const check = makeCheck();
  await check.start(new AbortController().signal);
  expect(check.hasProblems()).toBe(true);
  telegram.setMember(CHATS.signals.id, SANDBOX_BOT.id, 'administrator');
  now = new Date(now.getTime() + 61_000);
  await expect.poll(() => check.hasProblems()).toBe(false);
  const looks = telegram.calls('getChat').length;
  now = new Date(now.getTime() + 61_000);
  expect(check.hasProblems()).toBe(false);
  expect(await check.listProblems()).toEqual([]);
  expect(telegram.calls('getChat').length - looks).toBe(4);
});

test('a Telegram in trouble is said so, and holds up neither the start nor /status', async () => {
  telegram.failNext({ method: 'getChat', chatId: CHATS.signals.id, times: 9, as: { status: 502, description: 'Bad Gateway' } });
  await start();
  expect(await problemsWith()).toEqual([
    expect.stringMatching(/^AGS_SIGNALS_CHAT_ID: chat -1001000000003 could not be looked at \(.*Bad Gateway/),
  ]);
});

test('a start that is asked to end ends', async () => {
  const ending = new AbortController();
  ending.abort();
  await expect(makeCheck().start(ending.signal)).rejects.toMatchObject({ code: 'aborted' });
});

test('a group that has become another one is named with its new id, and told of', async () => {
  const description = 'group chat was upgraded to a supergroup chat';
  telegram.failNext({ method: 'getChat', chatId: CHATS.vip.id, as: { status: 400, description, migrateToChatId: -1009 } });
  expect(await problemsWith()).toEqual([`AGS_VIP_CHAT_ID: the group ${CHATS.vip.id} has become -1009; set it to -1009`]);
  expect(moves).toEqual([[CHATS.vip.id, -1009]]);
});
