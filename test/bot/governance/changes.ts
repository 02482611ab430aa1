import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS } from '../../../src/sandbox/world.ts';
import type { TestApp } from '../../support/app.ts';
import { ask, type ShownCard, textOf, until } from '../../support/telling.ts';

const REFERENCE = /\b(T3-[A-HJ-NP-Z2-9]{4,})\b/;

/** Somebody proposes by command; resolves with the reference that the answer names. */
export async function proposeByCommand(app: TestApp, personaId: number, text: string): Promise<{ reference: string; answer: string }> {
  const answer = textOf(await ask(app, personaId, text));
  return { reference: REFERENCE.exec(answer)?.[1] ?? '', answer };
}

const isCardOf = (message: Message, reference: string): boolean => textOf(message).includes(`\n${reference} · T3 · proposed by`);

/** The card of a change in the admin group, once it says so. */
export function waitForChangeCard(app: TestApp, reference: string, says: string | RegExp = 'Approve?'): Promise<ShownCard> {
  return until(
    () => {
      const message = app.telegram.history(CHATS.admin.id).findLast((candidate) => isCardOf(candidate, reference));
      const text = textOf(message);
      const fits = typeof says === 'string' ? text.includes(says) : says.test(text);
      if (message === undefined || !fits) return null;
      const labels = message.reply_markup?.inline_keyboard.flat().map((button) => button.text) ?? [];
      return { chatId: CHATS.admin.id, messageId: message.message_id, text, reference, labels };
    },
    { what: `the card of ${reference} to say ${says}` },
  );
}

/** What the bot has told somebody in private. */
export const toldTo = (app: TestApp, personaId: number, words: string) =>
  until(() => app.telegram.history(personaId).find((message) => message.from?.is_bot === true && textOf(message).includes(words)), {
    what: `${personaId} to be told ${words}`,
  });

export async function rolesOf(app: TestApp, externalId: number): Promise<unknown> {
  const [row] = await app.sql('select public._roles_of(public._person_of($1)) as roles', [externalId]);
  return row?.roles;
}
