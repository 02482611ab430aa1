import type { InlineKeyboardButton, InlineKeyboardMarkup } from 'grammy/types';
import { makeKeyboard } from '../view.ts';
import type { CardFacts, CardState } from './card-state.ts';
import { isApprovable } from './card-state.ts';

/** What a press means; the one letter behind the token. */
export const CARD_PRESSES = { y: 'approve', n: 'reject', e: 'edit', d: 'details', r: 'reask' } as const;
export type CardPress = (typeof CARD_PRESSES)[keyof typeof CARD_PRESSES];
type Letter = keyof typeof CARD_PRESSES;

const LABELS: Record<Letter, string> = { y: '✅ Approve', n: '❌ Reject', e: '✏️ Edit', d: '🔎 Details', r: '🔁 Ask again' };
const STYLES: Partial<Record<Letter, 'success' | 'danger'>> = { y: 'success', n: 'danger' };

/**
 * A button carries its card's token and a letter: nothing that would mean anything on another message. Decided cards have none; an expired one can be asked anew; an approval
 * that nothing was let out on yet can still be taken back.
 */
export function makeCardKeyboard(state: CardState, facts: CardFacts, token: string): InlineKeyboardMarkup | undefined {
  const rows = toRows(state, facts);
  if (rows.length === 0) return undefined;
  return makeKeyboard(...rows.map((row) => row.map((letter) => makeButton(letter, token))));
}

function toRows(state: CardState, facts: CardFacts): Letter[][] {
  if (state === 'approved') return facts.effect === null || facts.effect.status === 'void' ? [['n', 'd']] : [];
  // Only one that the rows call expired, and whose task ended by it: until the sweep has been there, it may be too early.
  if (state === 'expired') return facts.request.status === 'expired' && facts.request.taskStatus === 'expired' ? [['r']] : [];
  if (state !== 'open' && state !== 'blocked' && state !== 'stopped') return [];
  return isApprovable(facts)
    ? [
        ['y', 'n'],
        ['e', 'd'],
      ]
    : [['n'], ['e', 'd']];
}

function makeButton(letter: Letter, token: string): InlineKeyboardButton {
  const style = STYLES[letter];
  return { text: LABELS[letter], callback_data: `a:${token}:${letter}`, ...(style === undefined ? {} : { style }) };
}
