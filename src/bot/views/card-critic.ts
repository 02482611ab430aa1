import { Critique, MAX_POINTS } from '../../domain/critique.ts';
import type { Tier } from '../../domain/tier.ts';
import { describeSignal } from '../../policy/guards/injection.ts';
import type { CriticVerdict } from '../../store/shared-rows.ts';
import { bold, expandableQuote, type Fragment, fmt } from '../view.ts';
import { inBlock, inLine } from './quoted.ts';

const MAX_COMMENTS = 320;
const MAX_FLAG = 160;
const MAX_FLAGS = 5;

const MAX_PLACES = 3;

/** What in the material seems to give orders to a model, a line for each place, and that this is why more people are asked. */
export function describeInjection({ injection }: Pick<CriticVerdict, 'injection'>, tier: Tier): Fragment[] {
  if (injection.length === 0) return [];
  const places = listInjection({ injection }).map((place) => fmt`⚠️ ${bold('Orders to a model?')} ${inLine(place, MAX_FLAG)}`);
  const more = places.length - MAX_PLACES;
  return [
    ...places.slice(0, MAX_PLACES),
    ...(more > 0 ? [`⚠️ and ${more} more: see Details`] : []),
    tier === 'T3' ? 'Found by a rule. T3 asks two people in any case.' : 'Found by a rule: that is why more people are asked than usual.',
  ];
}

/** In plain words, one for each place: where it is, and what it does. */
export const listInjection = ({ injection }: Pick<CriticVerdict, 'injection'>): string[] =>
  injection.map(({ where, signals }) => `${where} ${[...new Set(signals.map(describeSignal))].join(', ')}`);

/** The critic's points out of nine with what they are made of, its words, and its red flags first and loud. */
export function describeCritic(critic: CriticVerdict): Fragment[] {
  const parsed = Critique.safeParse(critic.critique);
  const points = fmt`${bold(`Critic ${critic.points}/${MAX_POINTS}`)}${critic.passed ? '' : bold(' · did NOT pass')}`;
  if (!parsed.success) return [points, 'Its words cannot be read: see Details.'];
  const critique = parsed.data;
  return [
    ...describeFlags(critique),
    points,
    describeRubric(critique),
    ...(critique.comments.trim() === '' ? [] : [expandableQuote(inBlock(critique.comments, MAX_COMMENTS, 'see Details'))]),
  ];
}

export function describeRubric(critique: Critique): string {
  return [
    `policy ${critique.policy_compliance}/1`,
    `evidence ${critique.evidence_cited}/2`,
    `facts ${critique.factuality}/3`,
    `clarity ${critique.clarity}/2`,
    `risk ${critique.risk_flags === 1 ? '1/1 clean' : '0/1 FLAGGED'}`,
  ].join(' · ');
}

function describeFlags({ red_flags: flags }: Critique): Fragment[] {
  if (flags.length === 0) return [];
  const shown = flags.slice(0, MAX_FLAGS).map((flag) => fmt`🚩 ${bold('RED FLAG')}: ${inLine(flag, MAX_FLAG)}`);
  return flags.length > MAX_FLAGS ? [...shown, `🚩 and ${flags.length - MAX_FLAGS} more: see Details`] : shown;
}
