import { Reference } from '../../domain/ids.ts';
import type { Decision } from '../../domain/status.ts';
import type { Role } from '../../domain/tier.ts';
import { redactPersonalData } from '../../policy/guards/pii.ts';
import { code, fmt, type Rich } from '../view.ts';
import { inLine } from '../views/quoted.ts';

export interface ReadDecision {
  reference: string;
  decision: Decision;
  reason: string;
  asRole: Role | undefined;
}

const EXAMPLE = fmt`For example ${code('/approve T2-7F3K yes')}, or ${code('/approve T2-7F3K no the price is missing')}.`;
const WORDS = new Map<string, Decision>([
  ['yes', 'approve'],
  ['no', 'reject'],
]);
const AS_ROLE_FIRST = /^as (operator|owner)(?:\s+|$)/i;
const AS_ROLE_LAST = /(?:^|\s)as (operator|owner)$/i;

/**
 * Reads `REF yes|no [reason] [as operator|owner]`, strictly: a decision is never guessed. In a rejection a role at the end belongs to the
 * reason, for there people write sentences; right after `no` it is the role.
 */
export function readDecision(args: string): ReadDecision | { problem: Rich } {
  const [, referenceWord = '', decisionWord = '', rest = ''] = /^(\S*)\s*(\S*)\s*([\s\S]*)$/.exec(args) ?? [];
  if (referenceWord === '') return { problem: fmt`Which request? Its reference stands on the card. ${EXAMPLE}` };
  const reference = Reference.safeParse(referenceWord);
  if (!reference.success) {
    return {
      problem: fmt`I read ${code(inLine(referenceWord, 40))} as the reference, and it is none: one looks like ${code('T2-7F3K')}. ${EXAMPLE}`,
    };
  }
  const decision = WORDS.get(decisionWord.toLowerCase());
  if (decision === undefined) {
    const got =
      decisionWord === '' ? fmt`Yes or no?` : fmt`I read ${code(inLine(decisionWord, 40))} as the decision; I know only yes and no.`;
    return { problem: fmt`${got} Nothing was decided. ${EXAMPLE}` };
  }
  const { reason, asRole } = readRole(rest.trim(), decision);
  if (decision === 'reject' && reason === '') {
    return { problem: fmt`A rejection needs a reason, so nothing was decided: ${code(`/approve ${reference.data} no and why`)}.` };
  }
  // A reason becomes rows.
  return { reference: reference.data, decision, reason: redactPersonalData(reason), asRole };
}

function readRole(rest: string, decision: Decision): { reason: string; asRole: Role | undefined } {
  const match = AS_ROLE_FIRST.exec(rest) ?? (decision === 'approve' ? AS_ROLE_LAST.exec(rest) : null);
  if (match === null) return { reason: rest, asRole: undefined };
  const reason = `${rest.slice(0, match.index)}${rest.slice(match.index + match[0].length)}`.trim();
  return { reason, asRole: match[1]?.toLowerCase() === 'owner' ? 'owner' : 'operator' };
}
