import { type Conversation, createConversation } from '@grammyjs/conversations';
import type { Composer, Context } from 'grammy';
import type { Message } from 'grammy/types';
import type { BotContext } from './context.ts';
import type { BotDeps, CommandDeps } from './deps.ts';
import { toChatRef } from './message-place.ts';
import { loadAnswer } from './policy-text.ts';
import { runOutside } from './run-outside.ts';
import { identify } from './speaker.ts';
import { type PolicyUse, takePolicy } from './take-policy.ts';
import { toView } from './view.ts';

/** `/policy propose` and `/policy simulate` without a policy ask for one. */
export const ASK_POLICY = 'ask-policy';
const TIME_TO_ANSWER_MS = 60 * 60_000;

/** What is known when the question is asked; kept with the conversation. */
export interface PolicyQuestion {
  use: PolicyUse;
  reason: string;
}

/** Install it behind the conversation that asks for a goal, which brings what both need. */
export function installAskPolicy(composer: Composer<BotContext>, deps: BotDeps): void {
  composer.use(createConversation(makeAskPolicy(deps), ASK_POLICY));
}

function makeAskPolicy(deps: CommandDeps) {
  return async function askPolicy(
    conversation: Conversation<BotContext, Context>,
    { message: source }: Context,
    question: PolicyQuestion,
  ): Promise<void> {
    if (source === undefined) return;
    const questionId = await runOutside(conversation, ({ signal }) => ask(source, signal, deps));
    const { message } = await conversation.waitUntil((answer) => isAnswer(answer.message, questionId), {
      next: true,
      maxMilliseconds: TIME_TO_ANSWER_MS,
    });
    if (message === undefined) return;
    await runOutside(conversation, ({ signal }) => take(message, question, signal, deps));
  };
}

async function ask(source: Message, signal: AbortSignal, { outbound }: CommandDeps): Promise<number> {
  const view = toView('Which policy? Reply with the file (.yaml) or with its text, all of it. /cancel leaves it.');
  const options = { replyTo: source.message_id, forceReply: { placeholder: 'A .yaml file, or the text' }, signal };
  return (await outbound.send(toChatRef(source), view, options)).messageId;
}

/** In a private chat whatever is sent next; in a group, where people also talk, only a reply. Commands are never an answer. */
function isAnswer(message: Message | undefined, questionId: number): boolean {
  if (message === undefined || (message.text === undefined && message.document === undefined)) return false;
  if (message.text?.startsWith('/') || message.caption?.startsWith('/')) return false;
  return identify(message).kind === 'person' && (message.chat.type === 'private' || message.reply_to_message?.message_id === questionId);
}

async function take(message: Message, { use, reason }: PolicyQuestion, signal: AbortSignal, deps: CommandDeps): Promise<void> {
  const chat = toChatRef(message);
  const speaker = identify(message);
  if (speaker.kind !== 'person') return;
  const text = await loadAnswer(message, deps.attachments, signal);
  if ('problem' in text) {
    await deps.outbound.send(chat, toView(`${text.problem} /policy ${use} asks again.`), { replyTo: message.message_id, signal });
    return;
  }
  await takePolicy(use, { ...text, reason }, { externalId: speaker.externalId, chat, messageId: message.message_id, signal }, deps);
}
