import type { PolicyChange } from '../../policy/describe.ts';
import { bold, code, fmt, lines, makeKeyboard, toView, type View } from '../view.ts';
import { describeChanges } from './policy-words.ts';

/** The letter behind the token of its one button. */
export const OFFER_PRESS = 'p';
const MAX_CHANGES = 12;

/** A deployment came with another policy: said, not done. */
export function makePolicyOfferView(facts: { changes: readonly PolicyChange[]; checksum: string; version: number }, token: string): View {
  const { changes, checksum, version } = facts;
  return toView(
    lines([
      fmt`📄 ${bold('I was started with another policy file.')} It was not applied: version ${version} stays in force.`,
      fmt`Checksum ${code(checksum.slice(0, 8))}. What it would change:`,
      ...describeChanges(changes, MAX_CHANGES, 'the card of the proposal shows them'),
      '',
      fmt`An owner can propose it, here or by ${code('/policy propose file')}; it takes two people to come into force.`,
    ]),
    makeKeyboard([{ text: '📄 Propose it', callback_data: `f:${token}:${OFFER_PRESS}` }]),
  );
}
