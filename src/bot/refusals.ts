import type { Role } from '../domain/tier.ts';
import type { RefusalCode, RequestView } from '../store/approvals.ts';
import type { DoubtCode } from '../store/effects.ts';
import type { Rpc } from '../store/rpc.ts';
import type { EffectView, StopState } from '../store/shared-rows.ts';
import { DOUBT_TEXTS, REFUSAL_TEXTS } from './errors.ts';
import type { LocalTime } from './local-time.ts';
import { findActorName } from './names.ts';
import { code, cut, type Fragment, fmt, type Rich } from './view.ts';
import { inLine } from './views/quoted.ts';

/** What makes a refusal concrete: who, since when, which one instead. */
export interface RefusalFacts {
  request: RequestView | null;
  grantedAt?: string | null;
  /** With `slot_taken`: another slot, which the person may fill. */
  slot?: Role | null;
  now: Date;
  time: LocalTime;
}

/** Telegram shows at most 200 characters of an answer to a press. */
const MAX_ALERT = 200;
const MAX_NAME = 40;

/** As `explainRefusal`, with the name of whoever stopped everything. */
export async function loadRefusalText(
  { rpc, clock, time }: { rpc: Rpc; clock: () => Date; time: LocalTime },
  code: RefusalCode,
  { request, grantedAt, slot }: Pick<RefusalFacts, 'request' | 'grantedAt' | 'slot'>,
): Promise<string> {
  const named = code === 'stopped' && request !== null ? await nameStopper(rpc, request) : request;
  return explainRefusal(code, { request: named, grantedAt, slot, now: clock(), time });
}

/** The switch keeps an id; people read a name. */
export async function nameStopper(rpc: Rpc, request: RequestView): Promise<RequestView> {
  if (!request.stop.isStopped) return request;
  return { ...request, stop: { ...request.stop, stoppedBy: await findActorName(rpc, request.stop.stoppedBy) } };
}

/** A refusal after the reference that it is about, where its words do not name that themselves. */
export const titleRefusal = (reference: string, words: Fragment): Rich =>
  (typeof words === 'string' ? words : words.text).includes(reference) ? fmt`${words}` : fmt`${code(reference)}: ${words}`;

/** Why a decision was not taken, in one or two sentences that fit the answer to a press. */
export function explainRefusal(code: RefusalCode, facts: RefusalFacts): string {
  const { request } = facts;
  const explained = request === null ? null : (EXPLANATIONS[code]?.(request, facts) ?? null);
  return cut(explained ?? REFUSAL_TEXTS[code], MAX_ALERT);
}

type Explain = (request: RequestView, facts: RefusalFacts) => string | null;

/** Where the general sentence in `errors.ts` can be made concrete. */
const EXPLANATIONS: Partial<Record<RefusalCode, Explain>> = {
  stopped: ({ stop }, facts) => explainStop(stop, facts),
  replaced: ({ reference, replacedBy, voidReason }) => {
    const why = voidReason === 'edited' ? 'was edited' : 'has to be shown again';
    return replacedBy === null
      ? `${reference} ${why}; the new version is not ready yet. Nothing was decided.`
      : `${reference} was replaced by ${replacedBy}. Nothing was decided: look at the new version.`;
  },
  expired: ({ reference, expiresAt }, { now, time }) =>
    expiresAt === null
      ? null
      : `${reference} expired at ${time.formatBoth(expiresAt, now)}. Nothing was sent. Still wanted? Send the task again.`,
  too_late: ({ reference }, { grantedAt, now, time }) =>
    grantedAt
      ? `Too late: ${reference} was let out, granted at ${time.formatBoth(grantedAt, now)}. It can only be corrected afterwards.`
      : null,
  already_rejected: ({ reference, decisions }, { now, time }) => {
    const rejection = decisions.findLast(({ decision }) => decision === 'reject');
    return rejection
      ? `${reference} was already rejected by ${inLine(rejection.name, MAX_NAME)}, ${time.format(rejection.at, now)}. Nothing was changed.`
      : null;
  },
  already_approved: ({ reference, decidedAt }, { now, time }) =>
    decidedAt === null ? null : `${reference} is already approved, since ${time.format(decidedAt, now)}. Nothing was changed.`,
  unmet: ({ reference, verdict }) => {
    const unmet = verdict.items.filter(({ isMet, isByPeople }) => !isMet && !isByPeople).map(({ detail }) => inLine(detail, 60));
    return unmet.length === 0 ? null : `${reference} cannot be approved: ${unmet.join('; ')}. Edit or reject it.`;
  },
  slot_taken: ({ reference, slots }, { slot }) => {
    if (!slot) return null;
    const taken = slots.filter((role) => role !== slot).join(' and ');
    return `The ${taken} slot is filled already. The ${slot} slot is open: /approve ${reference} yes counts as ${slot}.`;
  },
  task_over: ({ taskId, taskStatus }) => `${taskId} has already ended (${taskStatus}), so there is nothing left to decide.`,
};

export function explainDoubtRefusal(code: DoubtCode, { effect }: { effect: EffectView | null }): string {
  if (code === 'settled' && effect !== null)
    return cut(`This was already answered: ${describeSettled(effect)}. Nothing was changed.`, MAX_ALERT);
  return DOUBT_TEXTS[code];
}

const describeSettled = ({ sentAgainBy, outcomeNote, status }: EffectView): string =>
  sentAgainBy === null ? (outcomeNote ?? status) : `it is sent again by the word of ${inLine(sentAgainBy, 2 * MAX_NAME)}`;

function explainStop(stop: StopState, { now, time }: RefusalFacts): string | null {
  if (!stop.isStopped) return null;
  const since = stop.stoppedAt === null ? '' : ` since ${time.format(stop.stoppedAt, now)}`;
  return `STOPPED by ${inLine(stop.stoppedBy ?? 'somebody', MAX_NAME)}${since}. Nothing was decided; after /resume it can be.`;
}
