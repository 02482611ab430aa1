import type { Composer } from 'grammy';
import type { Message } from 'grammy/types';
import { closePrompt, findPrompt, recordPromptMessage } from '../store/prompts.ts';
import { findCommand } from './command-text.ts';
import type { BotContext } from './context.ts';
import { takeCode } from './replies/code.ts';
import { takeEdit } from './replies/edit.ts';
import { takeReason } from './replies/reject.ts';
import type { Reply, ReplyDeps } from './replies/reply.ts';
import { identify, NOBODY_TEXTS } from './speaker.ts';
import { isStale } from './stale.ts';
import { toView } from './view.ts';
import { isPromptText, makeCodePromptView, makePromptView, PLACEHOLDERS } from './views/prompt.ts';

const EXPIRED = 'This question is more than an hour old, so nothing was decided. Press the button on the card again.';
const EXPIRED_CODE = 'This question is more than ten minutes old, so nothing was decided. Press the button on the card again.';
const LATE =
  'This reply reached me late: it is older than 15 minutes, and things may have changed. Nothing was decided. Look at the card again, and repeat the reply if you still mean it.';
const CLOSED =
  'This question is closed: it was answered or taken back. Your reply changed nothing; press the button on the card again if you still mean it.';
const TAKEN_BACK = 'Taken back: nothing was decided.';

/** Who takes which reply; each gives the problem when it has to be asked again. */
const TAKERS = { reject: takeReason, edit: takeEdit, factor: takeCode } as const;

/**
 * Replies to "why do you reject it?" and "what is the new text?". Only the person who was asked answers, with a message of their own:
 * whatever else replies to it, or reached us late, decides nothing. A reply to a question that is closed is told so. A command is a command
 * also here; `/cancel` takes the question back.
 */
export function registerPromptReplies(composer: Composer<BotContext>, deps: ReplyDeps): void {
  composer.on('message', async (ctx, next) => {
    const { message } = ctx;
    const asked = message.reply_to_message;
    if (asked === undefined || asked.from?.id !== ctx.me.id) return next();
    const speaker = identify(message);
    if (speaker.kind === 'nobody') {
      if (speaker.reason === 'bot' || !isPromptText(asked.text)) return next();
      return answer(deps, toReply(message, ctx.signal), `${NOBODY_TEXTS[speaker.reason]} Nothing was decided.`);
    }
    const prompt = await findPrompt(deps.rpc, {
      chatId: message.chat.id,
      replyToMessageId: asked.message_id,
      externalId: speaker.externalId,
    });
    if (prompt === null) return next();
    const reply: Reply = { ...toReply(message, ctx.signal), prompt, person: { externalId: speaker.externalId, name: speaker.displayName } };
    const command = findCommand(message, ctx.me.username);
    if (command !== null && command.name !== 'cancel') return next();
    if (prompt.isClosed) return answer(deps, reply, CLOSED);
    if (command !== null || prompt.isExpired) {
      await closePrompt(deps.rpc, prompt.promptId);
      const expired = prompt.kind === 'factor' ? EXPIRED_CODE : EXPIRED;
      return answer(deps, reply, command === null ? expired : TAKEN_BACK);
    }
    // The question stands: a repeated reply to it counts.
    if (isStale(message, deps.clock())) return answer(deps, reply, LATE);
    const problem = await TAKERS[prompt.kind](reply, deps);
    if (problem !== null) await askAgain(reply, problem, deps);
  });
}

function toReply(message: Message, signal: AbortSignal): Omit<Reply, 'prompt' | 'person'> {
  const topicId = message.is_topic_message === true ? (message.message_thread_id ?? null) : null;
  return { message, chat: { chatId: message.chat.id, topicId }, signal };
}

async function answer({ outbound }: ReplyDeps, { chat, message, signal }: Omit<Reply, 'prompt' | 'person'>, text: string): Promise<void> {
  await outbound.send(chat, toView(text), { replyTo: message.message_id, priority: 'approval', signal });
}

/** The question stands; a reply to the earlier message counts as well as one to this. */
async function askAgain({ chat, message, prompt, person, signal }: Reply, problem: string, { rpc, outbound }: ReplyDeps): Promise<void> {
  const { kind, reference } = prompt;
  const view = kind === 'factor' ? makeCodePromptView({ reference, problem }) : makePromptView({ kind, reference, person, problem });
  const sent = await outbound.send(chat, view, {
    replyTo: message.message_id,
    forceReply: { placeholder: PLACEHOLDERS[kind] },
    priority: 'approval',
    signal,
  });
  await recordPromptMessage(rpc, prompt.promptId, sent.messageId);
}
