import { code, fmt, lines, mention, toView, type View } from '../view.ts';
import { inLine } from './quoted.ts';

export interface PromptFacts {
  kind: 'reject' | 'edit';
  reference: string;
  person: { externalId: number; name: string };
}

/** What stands in the reply field; Telegram allows 64 characters. */
export const PLACEHOLDERS = { reject: 'Why is it rejected?', edit: 'The new text, or a .txt or .md file' } as const;

const MAX_NAME = 60;

/** Asks one person, by name so that their reply field opens. Nothing is decided until they reply. */
export function makePromptView({ kind, reference, person }: PromptFacts): View {
  const name = mention(inLine(person.name, MAX_NAME), person.externalId);
  const asks = {
    reject: [
      fmt`${name}, why do you reject ${code(reference)}? Reply to this message with the reason.`,
      'Until you reply nothing is decided. /cancel as a reply takes it back.',
    ],
    edit: [
      fmt`${name}, reply to this message with the new text of ${code(reference)}: the whole text, as it shall appear.`,
      'Bold, links and other formatting of your message are kept. A .txt or .md file (up to 64 KiB) is read as Markdown.',
      'Earlier decisions become void, the critic reads it again. Until you reply nothing changes; /cancel as a reply takes it back.',
    ],
  };
  return toView(lines(asks[kind]));
}
