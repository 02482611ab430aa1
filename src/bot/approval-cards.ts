import type { ChatRef } from '../domain/message.ts';
import { toAppError } from '../errors.ts';
import { listCards, openCard, type RequestCard } from '../store/cards.ts';
import { listApprovers } from './approvers.ts';
import { type CardCopiesDeps, makeCardCopies } from './card-copies.ts';
import { type CardFactsDeps, makeLoadCardFacts } from './card-facts.ts';
import { type CardMessageDeps, type CardMessages, makeCardMessages } from './card-message.ts';
import { makeOneAtATime } from './one-at-a-time.ts';
import { makeCardView } from './views/card.ts';
import { makeNewVersionView } from './views/reminder.ts';

export type ApprovalCardsDeps = CardFactsDeps & CardCopiesDeps & CardMessageDeps;

export interface ApprovalCards {
  /** Every card of a gate: in the admin group, and with those who can fill an open slot and have started the bot. */
  draw(stepId: string, signal?: AbortSignal): Promise<void>;
  /** One card, at once; for the chat in which somebody has just pressed. */
  drawIn(stepId: string, chat: ChatRef, signal?: AbortSignal): Promise<void>;
}

/** A state that changed while it was drawn is drawn again; more often than this, the next nudge does it. */
const MAX_ROUNDS = 3;
/** So long it is remembered that a new version was announced; no card is open for longer. */
const ANNOUNCED_SECONDS = 7 * 24 * 60 * 60;

/**
 * The approval cards as messages. Each draw reads the rows and makes the messages say the same, so that two at once, or one twice, end
 * in the same. A card is first sent when the request is pending and nothing is stopped; after that it only changes.
 */
export function makeApprovalCards(deps: ApprovalCardsDeps): ApprovalCards {
  const { rpc, shortTerm, outbound, adminChat, log } = deps;
  const messages: CardMessages = makeCardMessages(deps);
  const copies = makeCardCopies(deps);
  const loadFacts = makeLoadCardFacts(deps);
  const lanes = makeOneAtATime();

  async function drawOnce({ card, ...request }: RequestCard, signal?: AbortSignal): Promise<void> {
    const isWorthSending = request.status === 'pending' && !request.stop.isStopped;
    if (card.messageId === null && !isWorthSending) return;
    const shown = await copies.show(request, card, signal);
    const facts = await loadFacts(request, shown, signal);
    await messages.put(card, makeCardView(facts, card.token), { isWorthSending, mark: toMark(request), signal });
    if (isWorthSending && shown?.place === 'below') await announceOnce(request, card, signal);
  }

  async function announceOnce(request: Omit<RequestCard, 'card'>, card: RequestCard['card'], signal?: AbortSignal): Promise<void> {
    const key = `card-announced:${card.cardId}:${request.version}`;
    if ((await shortTerm.get(key)) !== null) return;
    await shortTerm.put(key, true, ANNOUNCED_SECONDS);
    await outbound.send(card, makeNewVersionView(request), { replyTo: card.messageId, priority: 'approval', signal });
  }

  /** Another process may have decided, and drawn, while this one did: what the rows say after drawing must be what was drawn. */
  async function drawUntilTrue(stepId: string, chat: ChatRef, signal?: AbortSignal): Promise<void> {
    let request = await openCard(rpc, stepId, chat);
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const mark = toMark(request);
      await drawOnce(request, signal);
      request = await openCard(rpc, stepId, chat);
      if (toMark(request) === mark) return;
    }
    log.info({ stepId, chatId: chat.chatId }, 'card changes faster than it is drawn');
  }

  const drawIn = (stepId: string, chat: ChatRef, signal?: AbortSignal) =>
    lanes.run(`${stepId}@${chat.chatId}`, () => drawUntilTrue(stepId, chat, signal));

  async function listOtherChats(request: RequestCard): Promise<ChatRef[]> {
    const known = (await listCards(rpc, request.stepId)).map(({ chatId, topicId }) => ({ chatId, topicId }));
    const approvers = request.status === 'pending' && !request.stop.isStopped ? await listApprovers(rpc, request) : [];
    const reachable = approvers
      .filter(({ hasPrivateChat }) => hasPrivateChat)
      .map(({ externalId }) => ({ chatId: externalId, topicId: null }));
    const all = new Map([...reachable, ...known].map((chat) => [chat.chatId, chat]));
    all.delete(adminChat.chatId);
    return [...all.values()];
  }

  /** Somebody who blocked the bot must not keep the others from their cards. */
  async function tryDrawIn(stepId: string, chat: ChatRef, signal?: AbortSignal): Promise<void> {
    try {
      await drawIn(stepId, chat, signal);
    } catch (thrown) {
      log.info({ stepId, chatId: chat.chatId, err: toAppError(thrown) }, 'private card could not be drawn');
    }
  }

  return {
    drawIn,
    async draw(stepId, signal) {
      const others = await listOtherChats(await openCard(rpc, stepId, adminChat));
      await Promise.all([drawIn(stepId, adminChat, signal), ...others.map((chat) => tryDrawIn(stepId, chat, signal))]);
    },
  };
}

/** Which state of the request a card shows. It only ever moves on, so that a mark that was seen never comes back. */
function toMark({ requestId, status, taskStatus, decisions, stop, replacedBy, voidReason, verdict }: Omit<RequestCard, 'card'>): string {
  const met = verdict.items.map(({ isMet }) => Number(isMet)).join('');
  return [requestId, status, taskStatus, decisions.length, voidReason, replacedBy, met, stop.generation, stop.isStopped].join('|');
}
