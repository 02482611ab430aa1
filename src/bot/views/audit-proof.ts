import type { Anchor } from '../../domain/evidence/anchor.ts';
import type { AuditProblem, AuditProof } from '../../store/audit.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, fmt, formatElapsed, lines, plural, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';

/** What was found at AGS_ANCHOR_URL. */
export type Outside =
  | { state: 'none'; anchors: readonly Anchor[] }
  /** `missing`: an anchor that was kept there and is gone. */
  | { state: 'looked'; anchors: readonly Anchor[]; missing: number | null }
  | { state: 'failed'; anchors: readonly Anchor[]; problem: string };

export interface ProofFacts {
  proof: AuditProof;
  /** The anchor of the message that was replied to. */
  told: Anchor | null;
  outside: Outside;
  elapsedMs: number;
  time: LocalTime;
  now: Date;
}

const MAX_PROBLEMS = 5;

export function makeProofView({ proof, told, outside, elapsedMs, time, now }: ProofFacts): Rich {
  const isIntact = proof.problems.length === 0 && (outside.state !== 'looked' || outside.missing === null);
  const title = isIntact ? fmt`✅ ${bold('The audit log is intact')}` : fmt`🚨 ${bold('The audit log is not what was written')}`;
  const more = proof.problems.length - MAX_PROBLEMS;
  return lines([
    title,
    `${plural(proof.recordCount, 'record')} in ${plural(proof.chainCount, 'chain')} and ${plural(proof.anchorCount, 'anchor')} recomputed in ${formatElapsed(elapsedMs)}.`,
    ...proof.problems.slice(0, MAX_PROBLEMS).map((problem) => fmt`• ${describeProblem(problem)}`),
    more > 0 && `and ${more} more`,
    told !== null && describeTold(told, proof),
    describeOutside(outside, proof),
    describeWindow(proof, time, now),
    !isIntact &&
      'Do not trust what the log says from there on; tell an owner, keep the database as it is, and compare with the anchors in this group.',
  ]);
}

function describeProblem({ chain, seq, problem, number }: AuditProblem): Rich {
  const record = fmt`record ${seq ?? '?'} of ${code(inLine(chain ?? 'no chain', 60))}`;
  switch (problem) {
    case 'missing':
      return fmt`${record} is missing${number === null ? '' : `; anchor ${number} covers it`}`;
    case 'out_of_line':
      return fmt`${record} does not follow the record before it`;
    case 'changed':
      return fmt`${record} was changed after it was written`;
    case 'not_by_the_program':
      return fmt`${record} was not written by the program`;
    case 'anchored_otherwise':
      return fmt`${record}, or one before it, was rewritten: anchor ${number ?? '?'} was made over other records`;
    case 'anchor_missing':
      return fmt`anchor ${number ?? '?'} is missing in this database: an older state was put back, or it was deleted`;
    case 'anchor_changed':
      return fmt`anchor ${number ?? '?'} is not what was made${chain === null ? '' : fmt` (${code(inLine(chain, 60))})`}`;
    case 'anchor_differs':
      return fmt`anchor ${number ?? '?'} is another one than the copy that is kept outside: the log was rewritten`;
  }
}

function describeTold({ number, hash }: Anchor, { problems }: AuditProof): Rich {
  const differs = problems.some((problem) => problem.chain === null && problem.number === number);
  return differs
    ? fmt`❌ It does not agree with the message you replied to (anchor ${number}).`
    : fmt`It agrees with the message you replied to: anchor ${number}, ${code(hash.slice(0, 16))}.`;
}

function describeOutside(outside: Outside, { anchorCount }: AuditProof): string {
  if (outside.state === 'none')
    return 'AGS_ANCHOR_URL is not set: only messages in the admin group can show that all of it was rewritten. Reply to one of them.';
  if (outside.state === 'failed') return `⚠️ What is kept at AGS_ANCHOR_URL could not be read: ${inLine(outside.problem, 200)}`;
  if (outside.missing !== null) return `❌ Anchor ${outside.missing} was kept at AGS_ANCHOR_URL and is gone.`;
  if (outside.anchors.length === 0)
    return anchorCount === 0 ? 'Nothing is kept at AGS_ANCHOR_URL yet.' : 'No anchor is kept at AGS_ANCHOR_URL yet.';
  return `Compared with what is kept at AGS_ANCHOR_URL: anchor ${outside.anchors.map(({ number }) => number).join(' and ')}.`;
}

function describeWindow({ last, unanchoredCount, unanchoredSince }: AuditProof, time: LocalTime, now: Date): string {
  const made = last === null ? 'There is no anchor yet' : `The last anchor is ${last.number}, of ${time.formatBoth(last.made_at, now)}`;
  if (unanchoredCount === 0 || unanchoredSince === null) return `${made}; everything is anchored.`;
  return `${made}. Not yet anchored: ${plural(unanchoredCount, 'record')}, since ${time.formatBoth(unanchoredSince, now)}; until then the owner of the database could still rewrite them unseen.`;
}
