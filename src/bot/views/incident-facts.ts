import type { Incident, IncidentKind } from '../../store/incidents.ts';
import { inLine } from './quoted.ts';
import { toErrorWords } from './why-words.ts';

type Evidence = Incident['evidence'];

const MAX_VALUE = 60;
const MAX_FACTS = 6;
/** Nobody compares these by eye; the post-mortem and the log have them. */
const LONG_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What happened, of the newest occurrence, where a sentence says it better than names and values. */
const SENTENCES: Partial<Record<IncidentKind, (evidence: Evidence) => string | null>> = {
  effect_in_doubt: ({ effect_kind: kind, tier }) => (isShort(kind) && isShort(tier) ? `What left: a ${tier} ${kind}` : null),
  step_quarantined: ({ agent, code, attempts }) => {
    if (!isShort(agent)) return null;
    const why = isShort(code) ? `: ${toErrorWords(code)}` : '';
    return `The agent ${agent} gave up${typeof attempts === 'number' ? ` at try ${attempts}` : ''}${why}`;
  },
  breaker_open: ({ breaker, code }) => {
    if (!isShort(breaker)) return null;
    return `${breaker}${isShort(code) ? `: ${toErrorWords(code)}` : ' failed'}`;
  },
};

const isShort = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= MAX_VALUE;

/** One line about the newest occurrence; null when there is nothing that the other lines do not say. */
export function describeFacts({ kind, evidence }: Pick<Incident, 'kind' | 'evidence'>): string | null {
  const sentence = SENTENCES[kind]?.(evidence) ?? null;
  if (sentence !== null) return inLine(sentence, 3 * MAX_VALUE);
  const pairs = Object.entries(evidence).flatMap(([name, value]) => toPair(name, value));
  return pairs.length === 0 ? null : `Known: ${pairs.slice(0, MAX_FACTS).join(', ')}`;
}

function toPair(name: string, value: unknown): string[] {
  if (typeof value !== 'number' && (typeof value !== 'string' || LONG_ID.test(value))) return [];
  return [`${name.replaceAll('_', ' ')} ${inLine(String(value), MAX_VALUE)}`];
}

/** What it was that ended, of the kinds that end without a person's word. */
const ENDS: Partial<Record<IncidentKind, string>> = {
  effect_in_doubt: 'It is settled whether it arrived',
  stop_drill: 'A drill of the stop has passed',
  anchor_unkept: 'Anchors are kept there again',
  token_conflict: 'Nobody else takes the updates any more',
  budget_day: 'A new day has begun',
  breaker_open: 'The tool works again',
  chat_shut: 'Nothing waits for this chat any more',
  review_overdue: 'The review is written',
  nobody_approves: 'Nothing waits any more for somebody who is not there',
};

export const describeOver = (kind: IncidentKind): string => ENDS[kind] ?? 'What caused it is over';
