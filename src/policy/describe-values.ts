import { isDeepStrictEqual } from 'node:util';
import { toDurationText } from './scalars.ts';

/** One sentence of a change, and what it does to the protection that people rely on. */
export interface PolicyChange {
  text: string;
  weight: 'looser' | 'stricter' | 'other';
}

/** Values of which more is looser. */
const MORE_IS_LOOSER: readonly RegExp[] = [
  /^limits\.trading\./,
  /^limits\.payments\.max_(single_tx|day)_usdt$/,
  /^approval_times\.expire_after$/,
  /^signals\.max_(age|drift_pct)$/,
  /^budgets\./,
  /^plans\..+\.grace$/,
  /^drills\.(every|within)$/,
  /^intake\.max_waiting$/,
  /^rates\..+\.max$/,
];
/** Values of which less is looser. */
const LESS_IS_LOOSER: readonly RegExp[] = [
  /^limits\.payments\.cool_down_minutes$/,
  /^quality\.pass_points$/,
  /^retention\./,
  /^rates\..+\.per$/,
  /^drills\.freeze_t3$/,
];
/** Whoever reads along: another server sees what is asked, and with which key. */
const OTHER_PLACES = /^engines\.[^.]+(\.(base_url_env|key_env))?$/;

const DURATION_PATH =
  /^(approval_times|retention)\.|^limits\.trading\.max_snapshot_age$|^break_glass\.veto_window$|^drills\.(every|within)$|^rates\..+\.per$|^signals\.max_age$|^plans\..*\.(duration|grace|remind_before)$/;

/** How two values at one path differ, a sentence for each place. `path` is as in the file: `budgets.day_usd`. */
export function describeValues(path: string, before: unknown, after: unknown): PolicyChange[] {
  if (isDeepStrictEqual(before, after)) return [];
  if (isGroup(before) && isGroup(after)) {
    const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...keys].flatMap((key) => describeValues(`${path}.${key}`, before[key], after[key]));
  }
  if (isOfferList(before) && isOfferList(after)) return describeValues(path, toGroup(before), toGroup(after));
  return [{ text: toSentence(path, before, after), weight: weigh(path, before, after) }];
}

function toSentence(path: string, before: unknown, after: unknown): string {
  if (before === undefined) return `${path} is new: ${toText(path, after)}.`;
  return after === undefined
    ? `${path} is gone (was ${toText(path, before)}).`
    : `${path} changes from ${toText(path, before)} to ${toText(path, after)}.`;
}

function weigh(path: string, before: unknown, after: unknown): PolicyChange['weight'] {
  if (OTHER_PLACES.test(path)) return after === undefined ? 'stricter' : 'looser';
  if (path === 'break_glass.veto_window') return weighVetoWindow(Number(before), Number(after));
  if (path.startsWith('second_factor.') && Array.isArray(before) && Array.isArray(after))
    return before.every((item) => after.includes(item)) ? 'stricter' : 'looser';
  if (path === 'links.hosts' && Array.isArray(before) && Array.isArray(after))
    return after.every((item) => before.includes(item)) ? 'stricter' : 'looser';
  // A cap that may be left out is none.
  if (path === 'limits.payments.max_day_usdt' && (before === undefined || after === undefined))
    return after === undefined ? 'looser' : 'stricter';
  if (path === 'limits.trading.max_snapshot_age') return weighSnapshotAge(before, after);
  const [old, next] = [Number(before), Number(after)];
  if (Number.isNaN(old) || Number.isNaN(next) || old === next) return 'other';
  if (MORE_IS_LOOSER.some((pattern) => pattern.test(path))) return next > old ? 'looser' : 'stricter';
  if (LESS_IS_LOOSER.some((pattern) => pattern.test(path))) return next < old ? 'looser' : 'stricter';
  return 'other';
}

/** Where it is left out it is five minutes. */
function weighSnapshotAge(before: unknown, after: unknown): PolicyChange['weight'] {
  const [old, next] = [Number(before ?? 300), Number(after ?? 300)];
  if (old === next) return 'other';
  return next > old ? 'looser' : 'stricter';
}

/** None is the strictest: then it always takes the second person. */
function weighVetoWindow(before: number, after: number): PolicyChange['weight'] {
  if (before === 0 || after === 0) return before === 0 ? 'looser' : 'stricter';
  return after < before ? 'looser' : 'stricter';
}

const isGroup = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

type Named = { id: string };
const isOfferList = (value: unknown): value is Named[] =>
  Array.isArray(value) && value.every((item) => isGroup(item) && typeof item.id === 'string');
/** By id, so that an offer put in between does not look like a change of all that follow. */
const toGroup = (offers: readonly Named[]): Record<string, unknown> => Object.fromEntries(offers.map((offer) => [offer.id, offer]));

/** A value as the file writes it. */
export function toText(path: string, value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => toText(path, item)).join(', ')}]`;
  if (typeof value === 'number' && DURATION_PATH.test(path)) return toDurationText(value, path.startsWith('approval_times.') ? 'h' : 'd');
  return isGroup(value)
    ? `{${Object.entries(value)
        .map(([key, item]) => `${key}: ${toText(`${path}.${key}`, item)}`)
        .join(', ')}}`
    : String(value);
}
