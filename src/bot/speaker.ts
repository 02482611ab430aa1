import type { Message } from 'grammy/types';

/** Who wrote a message: a person under a numeric id, or nobody in particular, and why. */
export type Speaker =
  | { kind: 'person'; externalId: number; displayName: string; username: string | null }
  | { kind: 'nobody'; reason: NobodyReason };

export type NobodyReason = 'anonymous' | 'channel' | 'forward' | 'via_bot' | 'bot';

/** Telegram's own accounts that stand in `from` where nobody in particular speaks. */
const GROUP_ANONYMOUS_BOT = 1_087_968_824;
const CHANNEL_BOT = 136_817_688;
const TELEGRAM = 777_000;

/** What a person reads who could be told better; a bot is not answered, for it might answer back. */
export const NOBODY_TEXTS: Record<Exclude<NobodyReason, 'bot'>, string> = {
  anonymous: 'I cannot tell who you are: you write as the group. Switch off “Remain anonymous” and send it as yourself.',
  channel: 'I cannot tell who you are: you write as a channel. Send it as yourself.',
  forward: 'That is a forwarded message, and those give no commands. Write it yourself.',
  via_bot: 'That came by way of another bot, and such messages give no commands. Write it yourself.',
};

/** Only a message that a person wrote as themselves, here and now, speaks for that person. */
export function identify(message: Message): Speaker {
  const { from, sender_chat: senderChat } = message;
  if (message.is_automatic_forward || from?.id === TELEGRAM) return nobody('bot');
  if (from?.id === GROUP_ANONYMOUS_BOT || senderChat?.id === message.chat.id) return nobody('anonymous');
  if (from === undefined || from.id === CHANNEL_BOT || senderChat !== undefined) return nobody('channel');
  if (from.is_bot) return nobody('bot');
  if (message.forward_origin !== undefined) return nobody('forward');
  if (message.via_bot !== undefined) return nobody('via_bot');
  const displayName = [from.first_name, from.last_name].filter(Boolean).join(' ').trim() || `tg:${from.id}`;
  return { kind: 'person', externalId: from.id, displayName, username: from.username ?? null };
}

const nobody = (reason: NobodyReason): Speaker => ({ kind: 'nobody', reason });
