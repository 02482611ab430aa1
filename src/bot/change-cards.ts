import type { ChatRef } from '../domain/message.ts';
import { toAppError } from '../errors.ts';
import { type ChangeView, claimChangeNews, openChangeCard } from '../store/changes.ts';
import type { ShortTerm } from '../store/short-term.ts';
import { listChangeApprovers } from './approvers.ts';
import { tryAll } from './best-effort.ts';
import { type CardMessageDeps, makeCardMessages, type PutOptions } from './card-message.ts';
import type { LocalTime } from './local-time.ts';
import { trySetMenus } from './menus.ts';
import { makeOneAtATime } from './one-at-a-time.ts';
import { loadPolicyFacts } from './policy-facts.ts';
import { makePolicyFiles } from './policy-files.ts';
import { bold, fmt, type View } from './view.ts';
import { type Glass, makeGlassNewsView, makeGlassView, toGlass } from './views/break-glass.ts';
import { listOpenChangeSlots, makeChangeView } from './views/change-card.ts';
import { makeChangeNewsView, makeConcernedView } from './views/change-news.ts';
import { describeChangeKind } from './views/change-words.ts';
import { makeReminderView } from './views/reminder.ts';

export interface ChangeCardsDeps extends CardMessageDeps {
  shortTerm: ShortTerm;
  adminChat: ChatRef;
  /** Where a break-glass is announced too. */
  alertChat: ChatRef;
  clock: () => Date;
  time: LocalTime;
}

/** The cards on which two people decide about roles, accounts and policies, and break the glass. */
export interface ChangeCards {
  /** Draws or redraws the card in the admin group, and with those who can fill an open slot and have started the bot. */
  drawChange(changeId: string, signal?: AbortSignal): Promise<void>;
  /** As `Cards.remind`, for an open change. */
  remindChange(changeId: string, level: 1 | 2 | 3, signal?: AbortSignal): Promise<void>;
  /** As `drawChange`; and once it has ended, tells the admin group and those whom it concerns, whose menus follow. */
  showChange(changeId: string, signal?: AbortSignal): Promise<void>;
}

/** One draw of a change, for all the chats in which it stands. */
interface Drawing {
  changeId: string;
  cardMark: string | null;
  options: PutOptions;
}

/** A state that changed while it was drawn is drawn again; more often than this, the next nudge does it. */
const MAX_ROUNDS = 3;

export function makeChangeCards(deps: ChangeCardsDeps): ChangeCards {
  const { rpc, outbound, adminChat, alertChat, clock, time, log } = deps;
  const messages = makeCardMessages(deps);
  const lanes = makeOneAtATime();
  const policyFiles = makePolicyFiles(deps);

  /** Where a break-glass stands besides the admin group. */
  const otherChats = (): ChatRef[] => (alertChat.chatId === adminChat.chatId ? [] : [alertChat]);
  const announcedIn = [adminChat, ...otherChats()].map(({ chatId }) => chatId);

  async function putIn(chat: ChatRef, { changeId, cardMark, options }: Drawing, makeView: (token: string) => View): Promise<void> {
    const { card } = await openChangeCard(rpc, changeId, chat);
    // What is drawn was read with the first card: this one's own mark may say more.
    await messages.put({ ...card, mark: cardMark }, makeView(card.token), options);
  }

  async function announce(glass: Glass, drawing: Drawing): Promise<void> {
    for (const chat of otherChats()) await putIn(chat, drawing, () => makeGlassView(glass, null));
  }

  async function drawUntilTrue(changeId: string, signal?: AbortSignal): Promise<void> {
    let shown = '';
    for (let round = 1; round <= MAX_ROUNDS; round += 1) {
      const { change, card, chats } = await openChangeCard(rpc, changeId, adminChat, announcedIn);
      const mark = toMark(change);
      if (mark === shown) return;
      const policy = await loadPolicyFacts(rpc, change);
      if (policy !== null && change.status === 'pending') await policyFiles.sendOnce(change, policy, signal);
      const facts = { change, policy, now: clock(), time };
      const glass = toGlass(facts);
      const options = { isWorthSending: change.status === 'pending', mark, signal };
      const makeView = (token: string) => (glass === null ? makeChangeView(facts, token) : makeGlassView(glass, token));
      await messages.put(card, makeView(card.token), options);
      const drawing = { changeId, cardMark: card.mark, options };
      if (glass !== null) await announce(glass, drawing);
      const copies = await listCopies(change, chats);
      await Promise.all(copies.map((chat) => tryDrawCopy(chat, drawing, makeView)));
      shown = mark;
    }
  }

  /** The private chats in which it stands already, or of those who can decide and have started the bot. */
  async function listCopies(change: ChangeView, chats: readonly ChatRef[]): Promise<ChatRef[]> {
    const approvers = await listChangeApprovers(rpc, change);
    const reachable = approvers.flatMap(({ hasPrivateChat, externalId }) => (hasPrivateChat ? [externalId] : []));
    // Groups and channels have negative ids.
    const known = chats.flatMap(({ chatId }) => (chatId > 0 ? [chatId] : []));
    return [...new Set([...reachable, ...known])].map((chatId) => ({ chatId, topicId: null }));
  }

  /** Somebody who blocked the bot must not keep the others from their cards. */
  async function tryDrawCopy(chat: ChatRef, drawing: Drawing, makeView: (token: string) => View): Promise<void> {
    try {
      await putIn(chat, drawing, makeView);
    } catch (thrown) {
      log.info({ changeId: drawing.changeId, chatId: chat.chatId, err: toAppError(thrown) }, 'private card could not be drawn');
    }
  }

  const drawChange = (changeId: string, signal?: AbortSignal) => lanes.run(changeId, () => drawUntilTrue(changeId, signal));

  async function remindChange(changeId: string, level: 1 | 2 | 3, signal?: AbortSignal): Promise<void> {
    const { change, card } = await openChangeCard(rpc, changeId, adminChat);
    const { status, reference, kind, createdAt: since, expiresAt } = change;
    if (status !== 'pending') {
      log.info({ changeId, level }, 'nothing to remind of any more');
      return;
    }
    const open = listOpenChangeSlots(change);
    const approvers = await listChangeApprovers(rpc, change);
    const holders = approvers.filter(({ roles }) => open.some((slot) => roles.includes(slot)));
    const people = level === 1 && holders.length > 0 ? holders : approvers;
    const wait = fmt`(${describeChangeKind(change)}) waits for ${bold(kind === 'break_glass' ? 'a second person' : open.join(' and '))}`;
    const view = makeReminderView({ reference, wait, level, people, since, expiresAt, now: clock(), time });
    await outbound.send(adminChat, view, { replyTo: card.messageId, priority: 'approval', signal });
  }

  async function tell(change: ChangeView, signal?: AbortSignal): Promise<void> {
    const facts = { change, policy: null, now: clock(), time };
    const { card } = await openChangeCard(rpc, change.changeId, adminChat);
    const glass = toGlass(facts);
    const news = glass === null ? makeChangeNewsView(facts) : makeGlassNewsView(glass);
    const notice = outbound.send(adminChat, news, { replyTo: card.messageId, priority: 'approval', signal });
    const alerts = (glass === null ? [] : otherChats()).map((chat) => outbound.send(chat, news, { priority: 'urgent', signal }));
    const concerned = change.status === 'applied' ? change.concerned : [];
    const told = concerned
      .filter(({ hasPrivateChat }) => hasPrivateChat)
      .map(({ externalId, roles }) => outbound.send({ chatId: externalId, topicId: null }, makeConcernedView(facts, roles), { signal }));
    const menus = concerned.map((person) => trySetMenus(person, { outbound, adminChat }, signal));
    await tryAll(log, [notice, ...alerts, ...told, ...menus]);
  }

  return {
    drawChange,
    remindChange,
    async showChange(changeId, signal) {
      await drawChange(changeId, signal);
      const { isDue, change } = await claimChangeNews(rpc, changeId);
      if (isDue) await tell(change, signal);
    },
  };
}

/** Which state of the change a card shows. It only ever moves on. */
function toMark({ status, decisions, endedAt, breakGlass }: ChangeView): string {
  const made = decisions.map(({ slot, decision, voidReason }) => `${slot}${decision}${voidReason === null}`).join();
  return [status, endedAt, made, breakGlass?.status, breakGlass?.isReviewOverdue, breakGlass?.reviewedAt].join('|');
}
