import type { Message } from 'grammy/types';

/** A command that is meant for this bot, as it stands at the very beginning of a message. */
export interface CommandText {
  /** Lower case, without the slash. */
  name: string;
  /** What follows, trimmed; line breaks inside are kept. */
  args: string;
  /** `/task@our_bot`: certainly for us, also when we do not know the command. */
  isAddressed: boolean;
  isCaption: boolean;
}

/** ASCII only: what merely looks like a letter is none, and Telegram's own entity ends before it. */
const COMMAND = /^\/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?$/;

/**
 * Reads the message's own `bot_command` entity at offset 0. Null for everything else: a command inside a text, one for another bot, one
 * that only looks like one. A phone may write `/Stop`; that is still a stop.
 */
export function findCommand(message: Message, botUsername: string): CommandText | null {
  const isCaption = message.text === undefined;
  const text = message.text ?? message.caption ?? '';
  const entities = message.entities ?? message.caption_entities ?? [];
  const entity = entities.find(({ type, offset }) => type === 'bot_command' && offset === 0);
  if (entity === undefined) return null;
  const match = COMMAND.exec(text.slice(0, entity.length));
  if (match === null) return null;
  const [, name = '', username] = match;
  const isAddressed = username !== undefined;
  if (isAddressed && username.toLowerCase() !== botUsername.toLowerCase()) return null;
  return { name: name.toLowerCase(), args: text.slice(entity.length).trim(), isAddressed, isCaption };
}

/** `/stop` with a letter of another alphabet in it, or one that nobody sees: it looks like a command and is none. */
export function isDisguisedCommand({ text = '' }: Message): boolean {
  return /^\/(?=[^\s/]*\P{ASCII})[^\s/]+/u.test(text);
}
