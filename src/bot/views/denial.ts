import type { DenialRule } from '../../store/denials.ts';
import type { ChatName } from '../chat-names.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, fmt, lines, makeKeyboard, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';

const MAX_NAME = 60;
const MAX_REASON = 200;
const MAX_LISTED = 15;

/** The button under a rejection. The letter only fills the form that every button has. */
export const makeKeepKeyboard = (token: string) =>
  makeKeyboard([{ text: '🔕 Do not ask again for 24 h', callback_data: `k:${token}:k`, style: 'danger' }]);

export interface RuleFacts {
  target: ChatName;
  now: Date;
  time: LocalTime;
}

/** What follows from the press, for the chat in which it was rejected. */
export function makeKeptRule({ reference, kind, denied, expiresAt }: DenialRule, { target, now, time }: RuleFacts): Rich {
  const place = inLine(target.title, MAX_NAME);
  return lines([
    fmt`🔕 ${bold('Not again')} until ${time.formatBoth(expiresAt, now)}: rule ${code(reference)}.`,
    `${inLine(denied, MAX_NAME)} may not ask for a ${kind} to ${place} in any words, and nobody for one that reads like this.`,
    fmt`${code(`/rules lift ${reference}`)} ends it; /rules lists all that hold.`,
  ]);
}

/** What may not be asked for now. */
export function makeRuleList(rules: readonly (DenialRule & { target: ChatName })[], { now, time }: Omit<RuleFacts, 'target'>): Rich {
  if (rules.length === 0)
    return fmt`No denial holds now. Whoever rejects can keep it for 24 hours with the button under ${bold('Rejected')}.`;
  const more = rules.length - MAX_LISTED;
  return lines([
    bold('Not to be asked for now'),
    ...rules
      .slice(0, MAX_LISTED)
      .flatMap(({ reference, kind, target, denied, author, reason, expiresAt }) => [
        fmt`🔕 ${code(reference)} ${kind} to ${inLine(target.title, MAX_NAME)}, until ${time.formatBoth(expiresAt, now)}`,
        `    asked by ${inLine(denied, MAX_NAME)}, denied by ${inLine(author, MAX_NAME)}: “${inLine(reason, MAX_REASON)}”`,
      ]),
    more > 0 && `and ${more} more`,
    '',
    fmt`${code('/rules lift REF')} ends one; operators and owners may.`,
  ]);
}
