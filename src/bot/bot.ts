import { randomBytes } from 'node:crypto';
import { Bot, BotError } from 'grammy';
import type { Update } from 'grammy/types';
import { type AppError, toAppError } from '../errors.ts';
import { freezeChat } from '../store/chat-moves.ts';
import { installAskGoal } from './ask-goal.ts';
import { installAskPolicy } from './ask-policy.ts';
import { registerCallbacks } from './callbacks.ts';
import { makeLoadCardFacts } from './card-facts.ts';
import type { BotContext, Handled, UpdateHandler } from './context.ts';
import type { BotDeps } from './deps.ts';
import { type MessageHandler, makeMessageHandler, makeResumeHandler, makeStopHandler } from './dispatch.ts';
import { describeError } from './errors.ts';
import { toChatRef } from './message-place.ts';
import { registerPromptReplies } from './prompts.ts';
import { toView } from './view.ts';

/**
 * Puts the handlers together, in the order in which an update meets them: the emergency stop and its end; presses; replies to a question on a card,
 * which may be any text; the conversations that ask for a goal or a policy; commands and the rest. Edited messages and everything else that is not a
 * new message or a press decides nothing and is passed over.
 */
export function makeBot(deps: BotDeps): UpdateHandler {
  const signals = new WeakMap<Update, AbortSignal>();
  const bot = new Bot<BotContext>(deps.botToken, { botInfo: deps.botInfo });
  bot.use((context, next) => {
    context.signal = signals.get(context.update) ?? AbortSignal.abort();
    return next();
  });
  const handleMessage = makeMessageHandler(deps);
  bot.on('message', toMiddleware(makeStopHandler(deps)));
  bot.on('message', toMiddleware(makeResumeHandler(handleMessage, deps)));
  const loadCardFacts = makeLoadCardFacts(deps);
  registerCallbacks(bot, { ...deps, loadCardFacts });
  registerPromptReplies(bot, { ...deps, loadCardFacts });
  bot.on('message:migrate_to_chat_id', ({ chat, message }) => tellMove(chat.id, message.migrate_to_chat_id, deps));
  installAskGoal(bot, deps);
  installAskPolicy(bot, deps);
  bot.on('message', toMiddleware(handleMessage));

  return {
    async handle(update, { signal, isLastAttempt }) {
      signals.set(update, signal);
      try {
        await bot.handleUpdate(update);
        return { outcome: 'processed', error: null };
      } catch (thrown) {
        return await onError(toAppError(thrown instanceof BotError ? thrown.error : thrown), update, { isLastAttempt, deps });
      }
    },
  };
}

function toMiddleware(handle: MessageHandler) {
  return async (context: BotContext, next: () => Promise<void>): Promise<void> => {
    const { message } = context;
    if (message === undefined || !(await handle(context, message))) await next();
  };
}

/** Only what never reached the database is worth handling again: after that, a second time would only say "already done". */
const isWorthRepeating = ({ code }: AppError): boolean => code === 'store_unavailable' || code === 'aborted';

/** Of the configured chats alone: anybody may put the bot into a group of their own. */
async function tellMove(chatId: number, newChatId: number, { rpc, ownChatIds, log }: BotDeps): Promise<void> {
  log.error({ chatId, migrateToChatId: newChatId }, 'a group has a new id: change it in the configuration');
  if (!ownChatIds.includes(chatId)) return;
  await freezeChat(rpc, { chatId, newChatId });
}

/** The end of the line for whatever was thrown: logged once, told to whoever caused it, or handed back for another try. */
async function onError(
  error: AppError,
  update: Update,
  { isLastAttempt, deps }: { isLastAttempt: boolean; deps: BotDeps },
): Promise<Handled> {
  if (isWorthRepeating(error) && !isLastAttempt) throw error;
  const reference = deps.makeReference?.() ?? randomBytes(3).toString('hex');
  const { taskId, task_id: sqlTaskId } = error.context;
  deps.log.error({ err: error, reference, updateId: update.update_id, taskId: taskId ?? sqlTaskId }, 'update could not be handled');
  try {
    await tell(describeError(error, reference), update, deps);
  } catch (thrown) {
    deps.log.warn({ err: toAppError(thrown), reference }, 'a failure could not be told');
  }
  return { outcome: 'rejected', error: error.code };
}

async function tell(text: string, { message, callback_query: press }: Update, { outbound }: BotDeps): Promise<void> {
  if (press !== undefined) return outbound.answerPress(press.id, text, { isAlert: true });
  if (message !== undefined) await outbound.send(toChatRef(message), toView(text), { replyTo: message.message_id });
}
