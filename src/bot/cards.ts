import type { ChatRef } from '../domain/message.ts';
import { findRequest } from '../store/approvals.ts';
import { listCards } from '../store/cards.ts';
import { openDoubtCard } from '../store/effects.ts';
import { findTask } from '../store/tasks.ts';
import { type ApprovalCardsDeps, makeApprovalCards } from './approval-cards.ts';
import { listApprovers } from './approvers.ts';
import { makeCardMessages } from './card-message.ts';
import { type ChangeCards, type ChangeCardsDeps, makeChangeCards } from './change-cards.ts';
import { type IncidentCards, type IncidentCardsDeps, makeIncidentCards } from './incident-cards.ts';
import { nameActorIn } from './names.ts';
import { makeOneAtATime } from './one-at-a-time.ts';
import { makeResumeCards, type ResumeCards } from './resume-cards.ts';
import { makeRunbookCards, type RunbookCards } from './runbook-cards.ts';
import { listOpenSlots } from './views/card-state.ts';
import { makeDoubtView } from './views/doubt.ts';
import { describeRequestWait, makeReminderView } from './views/reminder.ts';

export type CardsDeps = ApprovalCardsDeps & Pick<ChangeCardsDeps, 'alertChat'> & IncidentCardsDeps;

/** What people approve with. With `drawTask` of the task's message this is the jobs' `Face`. */
export interface Cards extends ChangeCards, IncidentCards, ResumeCards, RunbookCards {
  /** Draws or redraws every card of a gate from the newest version of what is asked. Throws not_found, telegram_*. */
  draw(stepId: string, signal?: AbortSignal): Promise<void>;
  /** The card in one chat, before all others. */
  drawIn(stepId: string, chat: ChatRef, signal?: AbortSignal): Promise<void>;
  /** Level 1 calls the holders of the open slots' own roles, level 2 everybody who could fill one, level 3 the same when the time is nearly over. */
  remind(requestId: string, level: 1 | 2 | 3, signal?: AbortSignal): Promise<void>;
  /** Draws or redraws the card that asks whether an effect landed. */
  askDoubt(effectId: string, signal?: AbortSignal): Promise<void>;
}

export function makeCards(deps: CardsDeps): Cards {
  return {
    ...makeApprovalCards(deps),
    ...makeChangeCards(deps),
    ...makeIncidentCards(deps),
    ...makeResumeCards(deps),
    ...makeRunbookCards(deps),
    remind: makeRemind(deps),
    askDoubt: makeAskDoubt(deps),
  };
}

function makeRemind({ rpc, outbound, adminChat, clock, time, log }: CardsDeps): Cards['remind'] {
  return async (requestId, level, signal) => {
    const request = await findRequest(rpc, requestId);
    if (request === null || request.status !== 'pending' || request.stop.isStopped) {
      log.info({ requestId, level }, 'nothing to remind of any more');
      return;
    }
    const approvers = await listApprovers(rpc, request);
    const holders = approvers.filter(({ roles }) => listOpenSlots(request).some((slot) => roles.includes(slot)));
    const people = level === 1 && holders.length > 0 ? holders : approvers;
    const { reference, shownAt: since, expiresAt } = request;
    const wait = describeRequestWait(request);
    const view = makeReminderView({ reference, wait, level, people, since, expiresAt, now: clock(), time });
    const card = (await listCards(rpc, request.stepId)).find(({ chatId }) => chatId === adminChat.chatId);
    await outbound.send(adminChat, view, { replyTo: card?.messageId ?? null, priority: 'approval', signal });
  };
}

function makeAskDoubt(deps: CardsDeps): Cards['askDoubt'] {
  const { rpc, adminChat, findChatName, clock, time } = deps;
  const messages = makeCardMessages(deps);
  const lanes = makeOneAtATime();

  async function ask(effectId: string, signal?: AbortSignal): Promise<void> {
    const { effect, card } = await openDoubtCard(rpc, effectId, adminChat);
    const [task, target] = await Promise.all([findTask(rpc, effect.taskId), findChatName(effect.targetChatId, signal)]);
    const outcomeNote = await nameActorIn(rpc, effect.outcomeNote);
    const view = makeDoubtView({ effect: { ...effect, outcomeNote }, task, target, now: clock(), time }, card.token);
    const mark = [effect.status, effect.resendAskedBy, effect.attempts.length].join('|');
    await messages.put(card, view, { isWorthSending: effect.status === 'in_doubt', mark, signal });
  }

  return (effectId, signal) => lanes.run(effectId, () => ask(effectId, signal));
}
