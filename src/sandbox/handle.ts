import { editOwn, join, react, removeMessage, setBlocked, start } from './acts/change.ts';
import { press, pressRaw, withTimeout } from './acts/press.ts';
import { fail, say } from './acts/say.ts';
import { commandKey, commandsFor } from './commands.ts';
import type { FailurePlan } from './failures.ts';
import { loadFileBytes } from './files.ts';
import type { FloodLimiter } from './flood.ts';
import type { Hub } from './hub.ts';
import type { Ledger } from './ledger.ts';
import { changeStatus } from './members.ts';
import { BOT_USER, findSharedChat, findUser, statusOf, toChat } from './people.ts';
import { findStored, listStored, showMessage } from './show.ts';
import { chatOf, pairKey, type State } from './state.ts';
import type { SandboxTelegram, WaitOptions } from './telegram.ts';
import { makeTopic } from './topics.ts';
import type { Message, ReplyMarkup } from './wire.ts';

export interface HandleParts {
  hub: Hub;
  ledger: Ledger;
  failures: FailurePlan;
  flood: FloodLimiter;
}

const DEFAULT_WAIT_MS = 5000;

export function makeTelegram(parts: HandleParts): SandboxTelegram {
  const { hub, ledger, failures, flood } = parts;
  const { state } = hub;
  const telegram: SandboxTelegram = {
    start: (personaId, parameter) => start(hub, personaId, parameter),
    say: (personaId, chatId, text, options) => say(hub, personaId, chatId, text, options),
    edit: (personaId, chatId, messageId, text, options) => editOwn(hub, personaId, { chatId, messageId }, text, options?.entities),
    remove: (personaId, chatId, messageId) => removeMessage(hub, personaId, chatId, messageId),
    press: (personaId, chatId, messageId, labelOrData, options) => press(hub, personaId, { chatId, messageId }, labelOrData, options),
    pressRaw: (personaId, chatId, messageId, data) => pressRaw(hub, personaId, { chatId, messageId }, data),
    react: (personaId, chatId, messageId, emoji) => react(hub, personaId, { chatId, messageId }, emoji),
    block: (personaId) => setBlocked(hub, personaId, true),
    unblock: (personaId) => setBlocked(hub, personaId, false),
    join: (personaId, inviteLink) => join(hub, personaId, inviteLink),

    history: (chatId) => listStored(state, chatId).map((stored) => showMessage(state, stored)),
    message: (chatId, messageId) => showIfThere(state, chatId, messageId),
    lastMessage: (chatId) => telegram.history(chatId).at(-1),
    pendingUpdates: () => state.queue.map(({ update }) => update),
    calls: (method) => ledger.list(method),
    reactions: (chatId, messageId) => new Map(state.reactions.get(pairKey(chatId, messageId))),
    pinned: (chatId) => [...chatOf(state, chatId).pinnedIds],
    commands: (scope = { type: 'default' }, languageCode) => state.commands.get(commandKey(scope, languageCode)) ?? [],
    menu: (personaId, chatId) => commandsFor(state, chatId, personaId),
    fileBytes: (fileId) => loadFileBytes(hub, state.files.get(fileId) ?? fail('not_found', `no file ${fileId}`)),
    replyInterface: (personaId, chatId) => replyInterface(state, personaId, chatId),
    waitFor: (predicate, options) => waitFor(hub, () => predicate(telegram), options),
    waitForMessage: (chatId, fits, options) => {
      const what = options?.what ?? `a message in ${chatId} that fits ${String(fits)}`;
      return telegram.waitFor(() => telegram.history(chatId).find((message) => isFit(message, fits)), { ...options, what });
    },

    failNext: (failure) => failures.add(failure),
    clearFailures: () => failures.clear(),
    injectUpdate: (update) => injectUpdate(hub, update),
    setMember: (chatId, userId, status) => changeStatus(hub, { chatId, userId, status, by: findUser(ownerId(state, chatId)) }),
    setBotRights: (chatId, rights) =>
      changeStatus(hub, {
        chatId,
        userId: BOT_USER.id,
        status: statusOf(state, chatId, BOT_USER.id),
        rights: { ...state.members.get(chatId)?.get(BOT_USER.id)?.rights, ...rights },
        by: findUser(ownerId(state, chatId)),
      }),
    makeTopic: (chatId, name) => {
      if (findSharedChat(chatId)?.type !== 'supergroup') fail('not_allowed', `${chatId} cannot be a forum`);
      hub.commit([{ type: 'chat', chatId, isForum: true }]);
      const chat = toChat(state, chatId) ?? fail('not_found', `the sandbox has no chat ${chatId}`);
      return makeTopic(hub, chat, name).message_thread_id;
    },
    setProtectedContent: (chatId, isProtected) => hub.commit([{ type: 'chat', chatId, isProtected }]),
    setFloodLimiter: (isOn) => {
      flood.isOn = isOn;
    },
  };
  return telegram;
}

/** Whoever created the chat is taken for the one who changes its members. */
function ownerId(state: State, chatId: number): number {
  return [...(state.members.get(chatId) ?? [])].find(([, member]) => member.status === 'creator')?.[0] ?? BOT_USER.id;
}

function showIfThere(state: State, chatId: number, messageId: number): Message | undefined {
  const stored = findStored(state, chatId, messageId);
  return stored && showMessage(state, stored);
}

export function replyInterface(state: State, personaId: number, chatId: number): { messageId: number; markup: ReplyMarkup } | undefined {
  const messageId = state.interfaces.get(pairKey(personaId, chatId));
  const markup = messageId === undefined ? undefined : findStored(state, chatId, messageId)?.interfaceMarkup;
  return messageId === undefined || markup === undefined ? undefined : { messageId, markup };
}

function isFit(message: Message, fits: string | RegExp | ((message: Message) => boolean)): boolean {
  if (typeof fits === 'function') return fits(message);
  const text = message.text ?? message.caption ?? '';
  return typeof fits === 'string' ? text.includes(fits) : fits.test(text);
}

async function waitFor<T>(
  hub: Hub,
  ask: () => T | undefined | null | false,
  { timeoutMs = DEFAULT_WAIT_MS, signal, what = 'a condition' }: WaitOptions = {},
): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const look = (): void => {
    try {
      const value = ask();
      if (value !== undefined && value !== null && value !== false) resolve(value);
    } catch (thrown) {
      reject(thrown);
    }
  };
  const unsubscribe = hub.subscribe(look);
  look();
  return withTimeout(promise, { timeoutMs, signal, what }).finally(unsubscribe);
}

function injectUpdate(hub: Hub, update: { update_id?: number; [kind: string]: unknown }): number {
  const updateId = update.update_id ?? hub.state.lastUpdateId + 1;
  hub.commit([{ type: 'update_queued', update: { ...update, update_id: updateId }, at: hub.now() }]);
  return updateId;
}
