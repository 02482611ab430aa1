import type { Composer } from 'grammy';
import type { CallbackQuery, InlineKeyboardMarkup } from 'grammy/types';
import type { BotContext } from './context.ts';
import { pressOnApproval } from './presses/approval.ts';
import { pressOnChange } from './presses/change.ts';
import { pressOnDoubt } from './presses/doubt.ts';
import { pressOnIncident } from './presses/incident.ts';
import { pressOnKeep } from './presses/keep.ts';
import { pressOnOffer } from './presses/offer.ts';
import { type Press, type PressDeps, refuseForged } from './presses/press.ts';
import { pressOnResume } from './presses/resume.ts';
import { pressOnRunbook } from './presses/runbook.ts';

const NO_BOTS = 'Bots decide nothing.';

/** What a button's data can be: the kind of card, its token, and for most a letter. Anything else is forged or from long ago. */
const DATA = /^(?:(?<kind>[abcdfik]):(?<token>[A-Za-z0-9_-]{22}):(?<letter>[a-z])|r:(?<resume>[A-Za-z0-9_-]{22})(?::(?<choice>c))?)$/;

/**
 * Every press is answered. What it means stands in the database under its token, and counts only on its own card's message, pressed by
 * the numeric id that Telegram vouches for (of an anonymous admin too). Register it behind whatever has buttons of its own.
 */
export function registerCallbacks(composer: Composer<BotContext>, deps: PressDeps): void {
  composer.on('callback_query', async ({ callbackQuery, signal }) => {
    const groups = DATA.exec(callbackQuery.data ?? '')?.groups;
    const { kind, token, letter = '', resume, choice = '' } = groups ?? {};
    const press = toPress(callbackQuery, token ?? resume ?? '', signal);
    if (groups === undefined || press === null) {
      deps.log.info({ personId: callbackQuery.from.id }, 'press without a valid button');
      return refuseForged({ id: callbackQuery.id, externalId: callbackQuery.from.id }, deps);
    }
    if (press.person.isBot) return deps.outbound.answerPress(press.id, NO_BOTS, { isAlert: true });
    if (kind === 'a') return pressOnApproval(press, letter, deps);
    if (kind === 'b') return pressOnRunbook(press, letter, deps);
    if (kind === 'c') return pressOnChange(press, letter, deps);
    if (kind === 'd') return pressOnDoubt(press, letter, deps);
    if (kind === 'f') return pressOnOffer(press, deps);
    if (kind === 'i') return pressOnIncident(press, letter, deps);
    if (kind === 'k') return pressOnKeep(press, deps);
    return pressOnResume(press, choice, deps);
  });
}

/** Null when the message is not one that the bot sent into a chat. */
function toPress({ id, from, message, data }: CallbackQuery, token: string, signal: AbortSignal): Press | null {
  if (message === undefined) return null;
  const topicId = 'message_thread_id' in message && message.is_topic_message === true ? (message.message_thread_id ?? null) : null;
  const name = [from.first_name, from.last_name].filter(Boolean).join(' ');
  return {
    id,
    token,
    signal,
    message: { chatId: message.chat.id, topicId, messageId: message.message_id },
    isOnButton: 'reply_markup' in message && hasButton(message.reply_markup, data),
    person: { externalId: from.id, name, username: from.username ?? null, isBot: from.is_bot },
  };
}

const hasButton = (keyboard: InlineKeyboardMarkup | undefined, data: string | undefined): boolean =>
  keyboard?.inline_keyboard.flat().some((button) => 'callback_data' in button && button.callback_data === data) ?? false;
