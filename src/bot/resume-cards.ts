import { z } from 'zod';
import type { MessageRef } from '../domain/message.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { CommandDeps } from './deps.ts';
import { makeOverResumeCardView } from './views/resume-card.ts';

const KEY = 'resume-card';
/** Longer than anybody leaves a stop unlifted; after it the card only stays as it is, and its buttons lift nothing. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;

const Noted = z.object({ chatId: z.number().int(), topicId: z.number().int().nullable(), messageId: z.number().int() });

type CardDeps = Pick<CommandDeps, 'outbound' | 'shortTerm'>;

/** Notes where a resume can be confirmed, for when that is over. Throws short_term_unavailable. */
export const noteResumeCard = (shortTerm: ShortTerm, { chatId, topicId, messageId }: MessageRef): Promise<void> =>
  shortTerm.put(KEY, { chatId, topicId, messageId }, KEEP_SECONDS);

/** It was stopped again: the card of the earlier question says that it is over, and loses its buttons. Throws what the outside throws. */
export async function endResumeCard({ outbound, shortTerm }: CardDeps, signal: AbortSignal): Promise<void> {
  const noted = Noted.safeParse(await shortTerm.get(KEY));
  if (!noted.success) return;
  await outbound.edit(noted.data, makeOverResumeCardView(), { priority: 'urgent', signal });
  await shortTerm.delete(KEY);
}

/** It was lifted, and its card says so itself. Throws short_term_unavailable. */
export const forgetResumeCard = (shortTerm: ShortTerm): Promise<unknown> => shortTerm.delete(KEY);
