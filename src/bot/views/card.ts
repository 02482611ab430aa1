import type { RequestView } from '../../store/approvals.ts';
import { bold, code, cut, cutRich, type Fragment, fmt, join, lines, link, plural, quote, type Rich, toView, type View } from '../view.ts';
import { describeCritic, describeInjection } from './card-critic.ts';
import { makeCardKeyboard } from './card-keyboard.ts';
import {
  describeArtifact,
  describeChecksum,
  describeDraft,
  describeDryRun,
  describeExpiry,
  describeLinks,
  describeReplacement,
  describeRequest,
  describeSlots,
  describeStale,
  describeTarget,
  describeVerdict,
} from './card-parts.ts';
import { type CardFacts, type CardState, isShownWhole, listObstacles, toCardState } from './card-state.ts';
import { toMessageUrl } from './message-link.ts';
import { describeOrder } from './order.ts';
import { inBlock, inLine } from './quoted.ts';

/** Below Telegram's 4096: however much people and models wrote, the card and its buttons arrive. */
const MAX_CARD = 3800;
const MAX_NAME = 60;
const MAX_REASONS = 300;

type Section = Fragment[];

/** The card's middle may be cut when it is very long; who decided, who is missing and until when is never cut. */
interface CardText {
  middle: Section[];
  end: Section[];
}

/** The approval card: what would happen, what speaks for and against it, who has decided, who is missing. Pure. */
export function makeCardView(facts: CardFacts, token: string): View {
  const state = toCardState(facts);
  const { middle, end } = toCardText(state, facts);
  const bottom = joinSections(end);
  const order = facts.post?.order;
  const money = order === undefined ? [] : [bold(describeOrder(order))];
  const top = joinSections([[fmt`${toHeadline(state, facts)}`, ...money, ...describeRequest(facts)], ...middle]);
  const body = fmt`${cutRich(top, MAX_CARD - bottom.text.length)}\n\n${bottom}`;
  return toView(body, makeCardKeyboard(state, facts, token));
}

function joinSections(sections: Section[]): Rich {
  const kept = sections.filter((section) => section.length > 0).map((section) => lines(section));
  return join(kept, '\n\n');
}

function toHeadline(state: CardState, facts: CardFacts): Fragment {
  const what = fmt`${facts.request.action} to ${describeTarget(facts)}`;
  const headlines: Record<CardState, Fragment> = {
    showing: fmt`⏳ ${bold('Being shown')}: ${what}`,
    open: fmt`🟡 ${bold('Approve?')} ${what}`,
    blocked: fmt`🚫 ${bold('Cannot be approved')}: ${what}`,
    stopped: fmt`🛑 ${bold('STOPPED')}: ${what}`,
    approved: fmt`✅ ${bold('Approved')}, on its way: ${what}`,
    sent: fmt`✅ ${bold('Done')}: ${what}`,
    not_sent: fmt`⚠️ ${bold('Approved, but NOT sent')}: ${what}`,
    in_doubt: fmt`❓ ${bold('Approved; it is not known whether it arrived')}: ${what}`,
    rejected: fmt`❌ ${bold('Rejected')}: ${what}`,
    expired: fmt`⌛ ${bold('Expired')}: ${what}`,
    edited: fmt`✏️ ${bold('Edited')}, the critic reads it again: ${what}`,
    restaging: fmt`🔁 ${bold('Has to be shown again')}: ${what}`,
    over: fmt`⚪️ ${bold('Nothing left to decide')}: ${what}`,
  };
  return headlines[state];
}

function toCardText(state: CardState, facts: CardFacts): CardText {
  const { request } = facts;
  const end = [[describeSlots(facts), describeChecksum(facts)]];
  switch (state) {
    case 'showing':
      return { middle: [['It is being sent here as it will appear; the buttons follow.'], describeReplacement(facts)], end };
    case 'open':
    case 'blocked':
    case 'stopped':
      return toDecidable(state, facts);
    case 'approved':
      return { middle: [describeOutlook(facts)], end };
    case 'sent':
    case 'not_sent':
    case 'in_doubt':
      return { middle: [describeOutcome(state, facts)], end };
    case 'rejected':
      return { middle: [describeRejection(facts)], end: [[describeChecksum(facts)]] };
    case 'expired':
      return { middle: [[describeExpired(facts)]], end };
    case 'edited':
      return {
        middle: [[`Earlier decisions are void. ${describeEdited(facts.request)}`], describeDraft(facts)],
        end: [[describeChecksum(facts)]],
      };
    case 'restaging':
      return {
        middle: [[fmt`Earlier decisions are void: ${inLine(request.voidReason ?? 'replaced', 200)}.`, RESTAGING]],
        end: [[describeChecksum(facts)]],
      };
    case 'over':
      return { middle: [[describeOver(facts)]], end: [[describeChecksum(facts)]] };
  }
}

/** What needs nobody's approval goes out as soon as the critic passes it. */
export const describeEdited = ({ slots }: Pick<RequestView, 'slots'>): string =>
  slots.length === 0
    ? 'If the critic passes it, it goes out at once; if not, you are asked again.'
    : 'When the critic is through, the card shows the new version under a new reference.';

const RESTAGING = 'This card shows the new copy under a new reference soon.';

function toDecidable(state: CardState, facts: CardFacts): CardText {
  return {
    middle: [
      describeBlock(state, facts),
      describeReplacement(facts),
      describeStale(facts),
      [...describeArtifact(facts), ...describeLinks(facts)],
      describeInjection(facts.request.critic, facts.request.tier),
      describeCritic(facts.request.critic),
      describeDryRun(facts),
      describeVerdict(facts),
    ],
    end: [[describeSlots(facts), ...describeExpiry(facts), describeChecksum(facts)]],
  };
}

/** Why there is no Approve button, or why pressing one does nothing now. */
function describeBlock(state: CardState, facts: CardFacts): Section {
  const { request, now, time } = facts;
  if (state === 'stopped') {
    const since = request.stop.stoppedAt === null ? '' : ` since ${time.format(request.stop.stoppedAt, now)}`;
    return [`Stopped by ${inLine(request.stop.stoppedBy ?? 'somebody', MAX_NAME)}${since}. Presses change nothing until /resume.`];
  }
  if (state !== 'blocked') return [];
  const why = listObstacles(facts).map(({ detail }) => inLine(detail, 120));
  const reasons =
    why.length > 0 ? cut(why.join('; '), MAX_REASONS) : isShownWhole(facts) ? 'a requirement is not met' : 'it has not been shown in full';
  return [fmt`${bold('Why')}: ${reasons}. Edit it or reject it; approving is not possible.`];
}

function describeOutlook({ request, effect }: CardFacts): Section {
  if (request.stop.isStopped) return ['Stopped: it goes out after /resume, if the approval has not expired by then.'];
  if (effect !== null && effect.status !== 'void') return ['It is being sent.'];
  return ['It goes out now. Until then it can still be rejected.'];
}

function describeOutcome(state: 'sent' | 'not_sent' | 'in_doubt', { effect, now, time }: CardFacts): Section {
  if (effect === null) return [];
  if (state === 'in_doubt') return ['People are asked on a card of its own. It is not sent again by itself.'];
  if (state === 'not_sent') return [fmt`Why: ${inLine(effect.outcomeNote ?? 'not recorded', 300)}`];
  const when = effect.settledAt === null ? '' : ` ${time.format(effect.settledAt, now)}`;
  const arrived = effect.attempts.filter(({ status }) => status === 'done');
  const urls = arrived.flatMap(({ chatId, messageId }) =>
    chatId === null || messageId === null ? [] : [toMessageUrl({ chatId, messageId })],
  );
  const verb = effect.kind === 'post' ? 'Published' : 'Sent';
  const onWord = arrived.length - urls.length;
  const url = urls[0] ?? null;
  return [
    fmt`${url === null ? verb : link(verb, url)}${when}, ${plural(effect.partCount, 'message')}.`,
    ...(onWord > 0
      ? [`${onWord} of ${effect.partCount} by a person’s word: ${inLine(effect.outcomeNote ?? 'nobody saw the answer', 200)}.`]
      : []),
  ];
}

function describeRejection({ request, now, time }: CardFacts): Section {
  const rejection = request.decisions.findLast(({ decision }) => decision === 'reject');
  if (rejection === undefined) return ['It was rejected.'];
  const by = fmt`${bold(inLine(rejection.name, MAX_NAME))} (${rejection.role}), ${time.format(rejection.at, now)}`;
  return [by, quote(inBlock(rejection.reason ?? '', 500, '/why tells the rest'))];
}

function describeExpired({ request, now, time }: CardFacts): Fragment {
  const since = request.expiresAt === null ? '' : ` by ${time.format(request.expiresAt, now)}`;
  return fmt`Nobody completed it${since}, so nothing was sent. Still wanted? An operator or owner has the same asked again by the button, or send ${code('/task')} with the same goal.`;
}

const ENDINGS: Partial<Record<CardFacts['request']['taskStatus'], string>> = {
  done: 'The task is done.',
  cancelled: 'The task was cancelled; nothing goes out.',
  rejected: 'Another part of the task was rejected; nothing goes out.',
  expired: 'The task expired; nothing goes out.',
  failed: 'The task failed; nothing more goes out.',
  stale: 'The task became too old to act on; nothing goes out.',
};

function describeOver({ request }: CardFacts): Fragment {
  return fmt`${ENDINGS[request.taskStatus] ?? 'The task no longer waits for this.'} ${code(`/why ${request.taskId}`)} tells more.`;
}
