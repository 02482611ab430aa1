import type { Conversation } from '@grammyjs/conversations';
import type { Context } from 'grammy';
import { AppError, toAppError } from '../errors.ts';
import type { BotContext } from './context.ts';

/** What happens once in a conversation and is not replayed. The plugin clones what is thrown in it, which would take an error's code away. */
export async function runOutside<T>(conversation: Conversation<BotContext, Context>, run: (context: BotContext) => Promise<T>): Promise<T> {
  const result = await conversation.external(async (context) => {
    try {
      return { isDone: true as const, value: await run(context) };
    } catch (thrown) {
      const { code, message, context: facts, retry } = toAppError(thrown);
      return { isDone: false as const, failure: { code, message, facts, retry } };
    }
  });
  if (result.isDone) return result.value;
  const { code, message, facts, retry } = result.failure;
  throw new AppError(code, message, { context: facts, retry });
}
