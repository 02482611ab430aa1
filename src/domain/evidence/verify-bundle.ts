import { sha256 } from '../ids.ts';
import type { Anchor } from './anchor.ts';
import { type AuditRecord, hashRecord, toChainStart } from './audit-record.ts';
import {
  AnchorLine,
  ArtifactLine,
  AttemptLine,
  AuditLine,
  BundleEnd,
  BundleStart,
  DecisionLine,
  EffectLine,
  PolicyLine,
  RequestLine,
  StepLine,
  TaskLine,
} from './bundle.ts';
import { checkAnchors } from './check-anchors.ts';
import { checkContents, listUnnamed } from './check-contents.ts';
import { checkEffects } from './check-effects.ts';
import { checkDecisions, checkRequests } from './check-requests.ts';
import { checkSteps, checkTask } from './check-task.ts';
import { countLines, pickLines, readLines } from './lines.ts';
import { type OnRecord, toOnRecord } from './on-record.ts';

export interface BundleProof {
  taskId: string | null;
  recordCount: number;
  /** The anchors that cover the chain, oldest first, each proved by itself. */
  anchors: readonly Anchor[];
  /** How many of the records lie behind the last anchor. */
  unanchoredCount: number;
  /** Everything that is wrong, the first record that is comes first. Empty: the bundle holds together. */
  problems: readonly string[];
  /** What else stands in the bundle and is for reading only: the chain does not say it. */
  unproved: readonly string[];
}

/**
 * Checks an evidence bundle with nothing but itself: the chain of its audit records, the anchors over it, the checksums of its contents, and
 * that task, requests, decisions, effects and contents are those on record. `kept`: copies of anchors from elsewhere, which are believed more
 * than the bundle. Pure.
 */
export function verifyBundle(text: string, kept: readonly Anchor[] = []): BundleProof {
  const { lines, problems } = readLines(text);
  const start = BundleStart.safeParse(lines[0]);
  const taskId = start.success ? start.data.task_id : null;
  if (taskId === null) problems.push('line 1: expected the head of an evidence bundle of version 1');
  const records = pickLines(lines, 'audit', AuditLine, problems);
  const anchors = pickLines(lines, 'anchor', AnchorLine, problems).toSorted((one, other) => one.number - other.number);
  const artifacts = pickLines(lines, 'artifact', ArtifactLine, problems);
  const onRecord = records.map(toOnRecord);
  problems.push(
    ...checkChain(records, taskId),
    ...checkAnchors(records, anchors, kept),
    ...checkLines(lines, artifacts, onRecord, problems),
  );
  problems.push(...checkEnd(text, lines));
  const anchoredSeq = anchors.at(-1)?.leaf.to_seq ?? 0;
  return {
    taskId,
    recordCount: records.length,
    anchors,
    unanchoredCount: Math.max(0, records.length - anchoredSeq),
    problems,
    unproved: listUnproved(lines, artifacts, onRecord),
  };
}

/** Only the first wrong record is named: whatever comes after it hangs in the air. */
function checkChain(records: readonly AuditRecord[], taskId: string | null): string[] {
  let before = toChainStart(taskId ?? '');
  for (const [index, record] of records.entries()) {
    const place = `record ${index + 1} of ${taskId}`;
    if (record.chain !== taskId) return [`${place}: belongs to the chain ${record.chain}`];
    if (record.seq !== index + 1) return [`${place}: is missing or out of order, ${record.seq} stands in its place`];
    if (record.prev_hash !== before) return [`${place}: does not follow the record before it`];
    if (hashRecord(record) !== record.hash) return [`${place}: is not what was written`];
    before = record.hash;
  }
  return records.length === 0 ? [`record 1 of ${taskId}: is missing`] : [];
}

function checkLines(
  lines: readonly unknown[],
  artifacts: readonly ArtifactLine[],
  records: readonly OnRecord[],
  problems: string[],
): string[] {
  const effects = pickLines(lines, 'effect', EffectLine, problems);
  return [
    ...checkTask(pickLines(lines, 'task', TaskLine, problems), records),
    ...checkSteps(pickLines(lines, 'step', StepLine, problems), records),
    ...checkContents(artifacts, pickLines(lines, 'policy', PolicyLine, problems), records),
    ...checkRequests(pickLines(lines, 'request', RequestLine, problems), records),
    ...checkEffects(effects, pickLines(lines, 'attempt', AttemptLine, problems), records),
    ...checkDecisions(pickLines(lines, 'decision', DecisionLine, problems), records),
  ];
}

/** Said instead of passed over: whoever reads these believes the exporter, not the chain. */
function listUnproved(lines: readonly unknown[], artifacts: readonly ArtifactLine[], records: readonly OnRecord[]): string[] {
  const counted = [
    ['policy', 'the text of the policy (the chain has its version; its checksum is in the chain of the system)'],
    ['step', 'instructions, verdicts and times of the steps'],
    ['engine_call', 'calls of models, their tokens and cost'],
    ['attempt', 'tries that did not arrive, and the times of all'],
    ['event', 'events'],
  ] as const;
  return [
    ...counted.filter(([kind]) => countLines(lines, kind) > 0).map(([kind, words]) => `${words}: ${countLines(lines, kind)} lines`),
    ...listUnnamed(artifacts, records).map((ref) => `${ref}: no record names its checksum`),
  ];
}

function checkEnd(text: string, lines: readonly unknown[]): string[] {
  const end = BundleEnd.safeParse(lines.at(-1));
  if (!end.success) return ['the last line: expected the end of the bundle; it was cut off'];
  const body = text.trimEnd().slice(0, text.trimEnd().lastIndexOf('\n') + 1);
  return end.data.sha256 === sha256(body) && end.data.line_count === lines.length
    ? []
    : ['the bundle as a whole does not match the checksum at its end'];
}
