import type { ChatRef } from '../domain/message.ts';
import { recordCard } from '../store/cards.ts';
import { openResumeCard, type Resumed } from '../store/stop.ts';
import { tryAll, tryDeliver } from './best-effort.ts';
import type { CommandDeps } from './deps.ts';
import { findActorName } from './names.ts';
import { type LiftDeps, liftNotices } from './stop-notices.ts';
import { fmt, toView, type View } from './view.ts';
import { makeResumeCardView, type ResumeCardFacts, toHeldFacts } from './views/resume-card.ts';
import { makeResumedReply, type ResumedFacts } from './views/stop.ts';

/** What lifts a stop goes before everything else, as the stop itself does. */
const URGENT = { priority: 'urgent' } as const;

export type ShowResumeDeps = LiftDeps & Pick<CommandDeps, 'rpc' | 'adminChat' | 'deliver' | 'cards'>;

/** Who gave their word, and how they are answered where they gave it. */
export interface Resumer {
  name: string;
  chat: ChatRef;
  signal: AbortSignal;
  reply(view: View, options?: typeof URGENT): Promise<unknown>;
}

/** Shows what the word of one person came to: the card for a second one, or that the stop is lifted. */
export async function showResume(outcome: Resumed, resumer: Resumer, deps: ShowResumeDeps): Promise<void> {
  if (outcome.outcome === 'asked') {
    const { stop, needs = 'owner' } = outcome;
    return ask({ stop, needs, ...toHeldFacts(outcome) }, resumer, deps);
  }
  await tryDeliver(deps, outcome.deliver);
  const names = { first: outcome.first ?? 'somebody', second: resumer.name };
  await announce({ ...names, cancelled: outcome.cancelled, delivered: outcome.deliver.length }, resumer, deps);
}

/** The first person: a card in the admin group, on which a second one confirms. */
async function ask(facts: ResumeCardFacts, { chat, reply, signal }: Resumer, deps: ShowResumeDeps): Promise<void> {
  const { stop, needs } = facts;
  const stoppedBy = await findActorName(deps.rpc, stop.stoppedBy);
  await putCard((token) => makeResumeCardView({ ...facts, stop: { ...stop, stoppedBy } }, token), deps, signal);
  const elsewhere = chat.chatId === deps.adminChat.chatId ? '' : ' in the admin group';
  await reply(
    toView(fmt`Asked. A second person (${needs}) has to confirm within an hour: by the button on the card${elsewhere}, or by /resume.`),
    URGENT,
  );
}

async function announce(facts: ResumedFacts, { chat, reply, signal }: Resumer, deps: ShowResumeDeps): Promise<void> {
  const view = toView(makeResumedReply(facts));
  const notice = chat.chatId === deps.adminChat.chatId ? [] : [deps.outbound.send(deps.adminChat, view, { ...URGENT, signal })];
  await tryAll(deps.log, [reply(view, URGENT), ...notice, deps.cards.endResumeCards(signal), liftNotices(deps, facts, signal)]);
}

/** Sends the card of this stop, or asks again on the one that stands. */
async function putCard(
  makeView: (token: string) => View,
  { rpc, outbound, adminChat }: ShowResumeDeps,
  signal: AbortSignal,
): Promise<void> {
  const { cardId, token, chatId, topicId, messageId } = await openResumeCard(rpc, adminChat);
  const view = makeView(token);
  if (messageId === null) {
    const sent = await outbound.send({ chatId, topicId }, view, { ...URGENT, signal });
    await recordCard(rpc, cardId, sent.messageId);
    return;
  }
  await outbound.edit({ chatId, topicId, messageId }, view, { ...URGENT, signal });
  // The card may stand far above by now, and an edit makes no sound.
  const hint = toView('Asked again to resume: the button is on this card.');
  await outbound.send({ chatId, topicId }, hint, { ...URGENT, replyTo: messageId, signal });
}
