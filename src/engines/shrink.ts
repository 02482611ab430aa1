import type { ChatMessage } from './engine.ts';
import { estimateMessageTokens, estimateTokens } from './tokens.ts';

const MARK = '\n[… shortened …]\n';
/** The head of a text says what it is; it keeps the larger share. */
const HEAD_SHARE = 0.6;
/** A source with less left than this says nothing any more and goes. */
const MIN_SOURCE_TOKENS = 100;

/**
 * A smaller context for a second try: sources go, the last ones first; the last that still finds room loses its middle, so that the
 * marks around it stay. Instructions (system messages) and the first user message, which is the task itself with what has to be
 * judged, are never touched, even if they alone are too much.
 */
export function shrinkMessages(messages: readonly ChatMessage[], maxTokens: number): ChatMessage[] {
  const task = messages.find((message) => message.role === 'user');
  const isNeeded = (message: ChatMessage): boolean => message.role === 'system' || message === task;
  let left = maxTokens - estimateMessageTokens(messages.filter(isNeeded));
  return messages.flatMap((message) => {
    if (isNeeded(message)) return message;
    const kept = toRoom(message, left);
    // Once one does not fit, nothing after it is worth more.
    left = kept === message ? left - cost(message) : 0;
    return kept ?? [];
  });
}

const cost = (message: ChatMessage): number => estimateMessageTokens([message]);

function toRoom(message: ChatMessage, maxTokens: number): ChatMessage | null {
  if (cost(message) <= maxTokens) return message;
  return maxTokens < MIN_SOURCE_TOKENS ? null : { ...message, content: trimMiddle(message.content, maxTokens) };
}

/** Cuts by characters, in the proportion of the tokens, a little more than asked: the parts of a text are not equally dense. */
function trimMiddle(text: string, maxTokens: number): string {
  const room = Math.max(0, Math.floor((text.length * maxTokens * 0.9) / estimateTokens(text)) - MARK.length);
  const head = Math.floor(room * HEAD_SHARE);
  // A surrogate pair that is cut in two becomes a replacement character, not a lone half.
  return `${text.slice(0, head)}${MARK}${text.slice(text.length - (room - head))}`.toWellFormed();
}
