import { recordCard } from '../../../src/store/cards.ts';
import { advanceRunbook, openRunbookCard, proposeRunbook, startRunbook } from '../../../src/store/runbooks.ts';
import { PEOPLE, PLACES, type StoryDatabase } from '../../support/story-world.ts';

const CHAT = { chatId: PLACES.admin, topicId: null };

export const propose = (db: StoryDatabase, name: string, subject: string | null = null, externalId: number = PEOPLE.operator) =>
  proposeRunbook(db.rpc('ags_bot'), { externalId, name, subject, ...CHAT });

/** The dry run as message 700, and the press on its button. */
export async function show(db: StoryDatabase, runId: string) {
  const { card } = await openRunbookCard(db.rpc('ags_bot'), runId);
  await recordCard(db.rpc('ags_bot'), card.cardId, 700);
  const start = (externalId: number = PEOPLE.owner, messageId = 700) =>
    startRunbook(db.rpc('ags_bot'), { token: card.token, chatId: CHAT.chatId, messageId, externalId });
  return { start, load: async () => (await openRunbookCard(db.rpc('ags_bot'), runId)).run };
}

export async function begin(db: StoryDatabase, name: string, subject: string | null = null) {
  const { run, code } = await propose(db, name, subject);
  if (run === null) throw new Error(`it was not proposed: ${code}`);
  const shown = await show(db, run.runId);
  await shown.start();
  return { runId: run.runId, ...shown, advance: () => advanceRunbook(db.rpc('ags_worker'), run.runId) };
}
