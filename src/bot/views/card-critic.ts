import { Critique, MAX_POINTS } from '../../domain/critique.ts';
import type { CriticVerdict } from '../../store/shared-rows.ts';
import { bold, expandableQuote, type Fragment, fmt } from '../view.ts';
import { inBlock, inLine } from './quoted.ts';

const MAX_COMMENTS = 320;
const MAX_FLAG = 160;
const MAX_FLAGS = 5;

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
