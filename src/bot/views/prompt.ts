import { code, fmt, lines, mention, toView, type View } from '../view.ts';
import { inLine } from './quoted.ts';

export interface PromptFacts {
  kind: 'reject' | 'edit';
  reference: string;
  person: { externalId: number; name: string };
  /** Why it is asked again. */
  problem?: string;
}

/** What stands in the reply field; Telegram allows 64 characters. */
export const PLACEHOLDERS = { reject: 'Why is it rejected?', edit: 'The new text, or a .txt or .md file', factor: 'Six digits' } as const;

const MAX_NAME = 60;
const SIGN = '/cancel as a reply takes it back';

/** Asks one person, by name so that their reply field opens. Nothing is decided until they reply. */
export function makePromptView({ kind, reference, person, problem }: PromptFacts): View {
  const name = mention(inLine(person.name, MAX_NAME), person.externalId);
  const asks = {
    reject: [
      fmt`${name}, why do you reject ${code(reference)}? Reply to this message with the reason.`,
      `Until you reply nothing is decided. ${SIGN}.`,
    ],
    edit: [
      fmt`${name}, reply to this message with the new text of ${code(reference)}: all of it, as it shall appear.`,
      'Its formatting is kept; a .txt or .md file (up to 64 KiB) is read as Markdown.',
      `Until you reply nothing changes. ${SIGN}.`,
    ],
  };
  return toView(lines([problem, ...asks[kind]]));
}

/** Asks for the one-time code that a decision takes; in the person's private chat, so that no name is needed. */
export function makeCodePromptView({ reference, problem }: Pick<PromptFacts, 'reference' | 'problem'>): View {
  return toView(
    lines([
      problem,
      fmt`You approve ${code(reference)}? Reply to this message with the six digits that your authenticator app shows.`,
      `Until you reply nothing is decided. ${SIGN}.`,
    ]),
  );
}

/** Is this one of these questions? Only to answer somebody politely who cannot be told apart; never to decide anything. */
export const isPromptText = (text: string | undefined): boolean => text?.includes(SIGN) ?? false;
