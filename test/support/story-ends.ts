import { reaskRequest } from '../../src/store/approvals.ts';
import { openCard, recordCard } from '../../src/store/cards.ts';
import { sweep } from '../../src/store/steps.ts';
import { PLACES, type StoryDatabase } from './story-world.ts';

/** Nobody decides in time: the task ends, and what is given back presses "Ask again" on its card. */
export async function expireRequest(db: StoryDatabase, taskId: string) {
  const bot = db.rpc('ags_bot');
  const { card } = await openCard(bot, `${taskId}/approve`, { chatId: PLACES.admin, topicId: null });
  const messageId = card.messageId ?? Number(taskId.slice(-4)) + 500;
  await recordCard(bot, card.cardId, messageId);
  const { token } = (await openCard(bot, `${taskId}/approve`, { chatId: PLACES.admin, topicId: null })).card;
  await db.sql(
    `update public.approval_requests set shown_at = now() - interval '2 days', expires_at = now() - interval '1 second' where task_id = $1`,
    [taskId],
  );
  await sweep(db.rpc('ags_worker'), 30_000);
  return (externalId: number, where: Partial<{ chatId: number; messageId: number }> = {}) =>
    reaskRequest(bot, { token, chatId: PLACES.admin, messageId, externalId, ...where });
}
