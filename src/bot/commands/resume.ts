import { redactPersonalData } from '../../policy/guards/pii.ts';
import { recordCard } from '../../store/approvals.ts';
import { openResumeCard, type ResumeChoice, resumeEffects } from '../../store/stop.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import type { CommandDeps } from '../deps.ts';
import { RESUME_TEXTS } from '../errors.ts';
import { findActorName } from '../names.ts';
import { liftNotices } from '../stop-notices.ts';
import { fmt, toView, type View } from '../view.ts';
import { makeResumeCardView, makeResumedCardView, type ResumeCardFacts, toHeldFacts } from '../views/resume-card.ts';
import { makeResumedReply, type ResumedFacts } from '../views/stop.ts';
import { type Command, DECIDERS, type Invocation } from './command.ts';

/** What lifts a stop goes before everything else, as the stop itself does. */
const URGENT = { priority: 'urgent' } as const;

export const resume: Command = {
  name: 'resume',
  group: 'Emergency',
  description: 'Lift the stop: two people, one of them an owner',
  usage: '/resume [cancel held] [reason]',
  example: '/resume the prices are right again',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const { args, asker, reply } = invocation;
    const { choice, reason } = readResume(redactPersonalData(args));
    const outcome = await resumeEffects(deps.rpc, { externalId: asker.externalId, reason, choice });
    if (outcome.outcome === 'refused') {
      await reply(toView(RESUME_TEXTS[outcome.code ?? 'not_stopped']), URGENT);
      return;
    }
    if (outcome.outcome === 'asked') {
      const { stop, needs = 'owner' } = outcome;
      return ask({ stop, needs, ...toHeldFacts(outcome) }, invocation, deps);
    }
    await tryDeliver(deps, outcome.deliver);
    const names = { first: outcome.first ?? 'somebody', second: asker.displayName };
    await announce({ ...names, cancelled: outcome.cancelled, delivered: outcome.deliver.length }, invocation, deps);
  },
};

/** `cancel held`, as the first words, ends what was held; anything else is the reason, and what was held goes on. */
export function readResume(args: string): { choice: ResumeChoice; reason: string } {
  const [, cancel, reason = ''] = /^(cancel\s+held(?=\s|$))?\s*([\s\S]*)$/i.exec(args.trim()) ?? [];
  return { choice: cancel === undefined ? 'continue' : 'cancel', reason };
}

/** The first person: a card in the admin group, on which a second one confirms. */
async function ask(facts: ResumeCardFacts, { chat, reply, signal }: Invocation, deps: CommandDeps): Promise<void> {
  const { stop, needs } = facts;
  const stoppedBy = await findActorName(deps.rpc, stop.stoppedBy);
  await putCard((token) => makeResumeCardView({ ...facts, stop: { ...stop, stoppedBy } }, token), deps, signal);
  const elsewhere = chat.chatId === deps.adminChat.chatId ? '' : ' in the admin group';
  await reply(
    toView(fmt`Asked. A second person (${needs}) has to confirm within an hour: by the button on the card${elsewhere}, or by /resume.`),
    URGENT,
  );
}

async function announce(facts: ResumedFacts, { chat, reply, signal }: Invocation, deps: CommandDeps): Promise<void> {
  const view = toView(makeResumedReply(facts));
  const notice = chat.chatId === deps.adminChat.chatId ? [] : [deps.outbound.send(deps.adminChat, view, { ...URGENT, signal })];
  const card = putCard(() => makeResumedCardView(facts), deps, signal, { isWorthSending: false });
  await tryAll(deps.log, [reply(view, URGENT), ...notice, card, liftNotices(deps, facts, signal)]);
}

/** Sends the card of this stop, or makes the one that stands say so. */
async function putCard(
  makeView: (token: string) => View,
  { rpc, outbound, adminChat }: CommandDeps,
  signal: AbortSignal,
  { isWorthSending = true } = {},
): Promise<void> {
  const { cardId, token, chatId, topicId, messageId } = await openResumeCard(rpc, adminChat);
  const view = makeView(token);
  if (messageId === null) {
    if (!isWorthSending) return;
    const sent = await outbound.send({ chatId, topicId }, view, { ...URGENT, signal });
    await recordCard(rpc, cardId, sent.messageId);
    return;
  }
  await outbound.edit({ chatId, topicId, messageId }, view, { ...URGENT, signal });
  // The card may stand far above by now, and an edit makes no sound.
  if (!isWorthSending) return;
  const hint = toView('Asked again to resume: the button is on this card.');
  await outbound.send({ chatId, topicId }, hint, { ...URGENT, replyTo: messageId, signal });
}
