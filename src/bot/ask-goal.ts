import { type Conversation, type ConversationData, conversations, createConversation, type VersionedState } from '@grammyjs/conversations';
import type { Composer, Context } from 'grammy';
import type { Message } from 'grammy/types';
import type { BotContext } from './context.ts';
import type { BotDeps, CommandDeps } from './deps.ts';
import { giveTask } from './give-task.ts';
import { toChatRef } from './message-place.ts';
import { runOutside } from './run-outside.ts';
import { makeSealedState } from './sealed-state.ts';
import { identify } from './speaker.ts';
import { toView } from './view.ts';

/** `/task` without a goal asks for it. */
export const ASK_GOAL = 'ask-goal';
const TIME_TO_ANSWER_MS = 60 * 60_000;
/** Raised when the conversation's own code changes: an open question of an older version is then forgotten. */
const VERSION = 1;

/** Install it before the commands, and before every other conversation: they enter and leave it, and pass through it while it waits. */
export function installAskGoal(composer: Composer<BotContext>, deps: BotDeps): void {
  const { shortTerm, botToken, log } = deps;
  const adapter = makeSealedState<VersionedState<ConversationData>>({ shortTerm, botToken, ttlSeconds: TIME_TO_ANSWER_MS / 1000, log });
  const storage = { type: 'key', version: VERSION, prefix: 'conversation:', getStorageKey: toKey, adapter } as const;
  composer.use(conversations<BotContext, Context>({ storage }));
  composer.use(createConversation(makeAskGoal(deps), ASK_GOAL));
}

/** By chat and person: in a group, nobody answers another one's question. */
function toKey({ message }: BotContext): string | undefined {
  if (message === undefined) return undefined;
  const speaker = identify(message);
  return speaker.kind === 'person' ? `${message.chat.id}:${speaker.externalId}` : undefined;
}

function makeAskGoal(deps: CommandDeps) {
  return async function askGoal(conversation: Conversation<BotContext, Context>, { message: source }: Context): Promise<void> {
    if (source === undefined) return;
    const questionId = await runOutside(conversation, ({ signal }) => ask(source, signal, deps));
    const { message } = await conversation.waitUntil((answer) => isAnswer(answer.message, questionId), {
      next: true,
      maxMilliseconds: TIME_TO_ANSWER_MS,
    });
    if (message === undefined) return;
    await runOutside(conversation, (context) => take(message, source, context, deps));
  };
}

async function ask(source: Message, signal: AbortSignal, { outbound }: CommandDeps): Promise<number> {
  const view = toView('What should be done? Write the goal as a reply, in your own words. /cancel leaves it.');
  const options = { replyTo: source.message_id, forceReply: { placeholder: 'The goal of the task' }, signal };
  return (await outbound.send(toChatRef(source), view, options)).messageId;
}

/** In a private chat whatever is written next; in a group, where people also talk, only a reply. Commands are never an answer. */
function isAnswer(message: Message | undefined, questionId: number): boolean {
  if (message?.text === undefined || message.text.startsWith('/')) return false;
  return identify(message).kind === 'person' && (message.chat.type === 'private' || message.reply_to_message?.message_id === questionId);
}

async function take(message: Message, source: Message, { update, signal }: BotContext, deps: CommandDeps): Promise<void> {
  const chat = toChatRef(message);
  const speaker = identify(message);
  if (speaker.kind !== 'person') return;
  const { externalId } = speaker;
  const outcome = await giveTask(
    { goal: message.text?.trim() ?? '', message, source, updateId: update.update_id, externalId, chat, signal },
    deps,
  );
  if (outcome === null) return;
  await deps.outbound.send(chat, toView(`${outcome.problem} /task asks again.`), { replyTo: message.message_id, signal });
}
