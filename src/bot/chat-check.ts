import type { Api } from 'grammy';
import type { ChatRef } from '../domain/message.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../telemetry/log.ts';
import { toGrammySignal } from './api.ts';
import { attemptOnce } from './call.ts';
import { CHAT_VARIABLES, type ChatFacts, type ChatPurpose, type Finding, listFindings } from './chat-needs.ts';
import type { TelegramFailure } from './telegram-errors.ts';

export type ConfiguredChats = Record<Exclude<ChatPurpose, 'vip'>, ChatRef> & { vip: ChatRef | null };

export interface ChatCheckDeps {
  api: Api;
  /** The bot's own user id. */
  botId: number;
  chats: ConfiguredChats;
  log: Logger;
  clock: () => Date;
  /** A configured group has a new id. */
  onMoved(chatId: number, newChatId: number): Promise<void>;
  /** In these chats the bot may do all that it has to. */
  onInOrder(chatIds: readonly number[]): Promise<void>;
}

/** Whether the bot is in the configured chats and may do there what it has to. */
export interface ChatCheck {
  /** Looks once and logs what it finds. Throws config_invalid when the admin chat can never serve; `aborted`. */
  start(signal: AbortSignal): Promise<void>;
  /** One sentence for each problem, looked at anew when the last look is older than a minute. For `/status`; never throws. */
  listProblems(): Promise<readonly string[]>;
  /** Whether the last look found any. For `/ready`: answers at once, and what has been put right is noticed for the next question. */
  hasProblems(): boolean;
}

const KEEP_MS = 60_000;
/** Somebody waits for the answer to `/status`, and the start for its end. */
const TIMEOUT_MS = 3_000;

type Looked = { ok: true; facts: ChatFacts } | { ok: false; failure: TelegramFailure };

export function makeChatCheck({ api, botId, chats, log, clock, onMoved, onInOrder }: ChatCheckDeps): ChatCheck {
  const places = listPlaces(chats);
  let last: { findings: readonly Finding[]; atMs: number } | null = null;

  async function lookAt(chatId: number, signal: AbortSignal): Promise<Looked> {
    const chat = await attemptOnce((at) => api.getChat(chatId, toGrammySignal(at)), { method: 'getChat', chatId, signal });
    if (!chat.ok) return chat;
    const call = { method: 'getChatMember', chatId, signal };
    const member = await attemptOnce((at) => api.getChatMember(chatId, botId, toGrammySignal(at)), call);
    return member.ok ? { ok: true, facts: { chat: chat.value, member: member.value } } : member;
  }

  async function look(signal: AbortSignal): Promise<readonly Finding[]> {
    const ids = [...new Set(places.map(({ ref }) => ref.chatId))];
    const looked = new Map(await Promise.all(ids.map(async (id) => [id, await lookAt(id, signal)] as const)));
    for (const [id, answer] of looked) {
      const newId = !answer.ok && answer.failure.kind === 'answered' ? answer.failure.migrateToChatId : undefined;
      if (newId !== undefined) await onMoved(id, newId);
    }
    const found = places.map(({ purpose, ref }) => {
      const answer = looked.get(ref.chatId);
      if (answer === undefined) return { id: ref.chatId, findings: [] };
      const findings = answer.ok ? listFindings(purpose, ref, answer.facts) : [toFinding(purpose, ref, answer.failure)];
      return { id: ref.chatId, findings };
    });
    const findings = found.flatMap((place) => place.findings);
    await onInOrder(ids.filter((id) => found.every((place) => place.id !== id || place.findings.length === 0)));
    last = { findings, atMs: clock().getTime() };
    return findings;
  }

  const isFresh = () => last !== null && clock().getTime() - last.atMs < KEEP_MS;
  let looking: Promise<readonly Finding[] | undefined> | null = null;
  /** Looks, and whoever asks meanwhile waits for the same. What was known before is better than nothing while Telegram does not answer. */
  function lookOnce() {
    looking ??= look(AbortSignal.timeout(TIMEOUT_MS))
      .catch(() => last?.findings)
      .finally(() => {
        looking = null;
      });
    return looking;
  }
  const findNow = async () => (isFresh() ? last?.findings : await lookOnce()) ?? [];

  return {
    async start(signal) {
      const findings = await look(AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)])).catch((thrown: unknown) => {
        if (signal.aborted) throw thrown;
        log.info('the configured chats could not be looked at in time');
        return [];
      });
      const problems = findings.filter(({ isFatal }) => isFatal).map(({ problem }) => problem);
      if (problems.length > 0) throw new AppError('config_invalid', problems[0], { context: { problems } });
      for (const { problem } of findings) log.warn({ problem }, 'a configured chat cannot be used as it is');
    },
    async listProblems() {
      return (await findNow()).map(({ problem }) => problem);
    },
    hasProblems() {
      const hasAny = (last?.findings ?? []).length > 0;
      if (hasAny) void findNow();
      return hasAny;
    },
  };
}

/** A chat that only stands in for another one is judged as that one. */
function listPlaces({ admin, alert, signals, vip }: ConfiguredChats): { purpose: ChatPurpose; ref: ChatRef }[] {
  const isAdmin = ({ chatId, topicId }: ChatRef) => chatId === admin.chatId && topicId === admin.topicId;
  const others = [
    { purpose: 'alert', ref: alert },
    { purpose: 'signals', ref: signals },
  ] as const;
  return [
    { purpose: 'admin', ref: admin },
    ...others.filter(({ ref }) => !isAdmin(ref)),
    ...(vip === null ? [] : [{ purpose: 'vip' as const, ref: vip }]),
  ];
}

function toFinding(purpose: ChatPurpose, { chatId }: ChatRef, failure: TelegramFailure): Finding {
  return { problem: `${CHAT_VARIABLES[purpose]}: ${describeFailure(chatId, failure)}`, isFatal: false };
}

function describeFailure(chatId: number, failure: TelegramFailure): string {
  const said = `(${failure.description})`;
  if (failure.kind !== 'answered' || failure.status >= 500) return `chat ${chatId} could not be looked at ${said}`;
  if (failure.migrateToChatId !== undefined) {
    return `the group ${chatId} has become ${failure.migrateToChatId}; set it to ${failure.migrateToChatId}`;
  }
  return `the bot is not in chat ${chatId}, or there is none ${said}; check the id, and add the bot there`;
}
