import { sha256 } from '../ids.ts';
import { type Anchor, hashAnchor } from './anchor.ts';
import { type AuditRecord, hashRecord, toChainStart } from './audit-record.ts';
import { AnchorLine, ArtifactLine, AuditLine, BundleEnd, BundleStart, DecisionLine, PolicyLine } from './bundle.ts';
import { toRoot } from './merkle.ts';

export interface BundleProof {
  taskId: string | null;
  recordCount: number;
  /** The anchors that cover the chain, oldest first, each proved by itself. */
  anchors: readonly Anchor[];
  /** How many of the records lie behind the last anchor. */
  unanchoredCount: number;
  /** Everything that is wrong, the first record that is comes first. Empty: the bundle holds together. */
  problems: readonly string[];
}

/**
 * Checks an evidence bundle with nothing but itself: the chain of its audit records, the anchors over it, the checksums of its contents, and
 * that decisions and policy are those on record. `kept`: copies of anchors from elsewhere, which are believed more than the bundle. Pure.
 */
export function verifyBundle(text: string, kept: readonly Anchor[] = []): BundleProof {
  const { lines, problems } = readLines(text);
  const start = BundleStart.safeParse(lines[0]);
  const taskId = start.success ? start.data.task_id : null;
  if (taskId === null) problems.push('line 1: expected the head of an evidence bundle of version 1');
  const records = pick(lines, 'audit', AuditLine, problems);
  const anchors = pick(lines, 'anchor', AnchorLine, problems).toSorted((one, other) => one.number - other.number);
  problems.push(
    ...checkChain(records, taskId),
    ...anchors.flatMap((anchor) => checkAnchor(anchor, records)),
    ...checkCoverage(anchors),
    ...kept.flatMap((anchor) => checkKept(anchor, anchors)),
    ...checkContents(lines, problems),
    ...checkDecisions(lines, records, problems),
    ...checkEnd(text, lines),
  );
  const anchoredSeq = anchors.at(-1)?.leaf.to_seq ?? 0;
  return { taskId, recordCount: records.length, anchors, unanchoredCount: Math.max(0, records.length - anchoredSeq), problems };
}

function readLines(text: string): { lines: unknown[]; problems: string[] } {
  const problems: string[] = [];
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        // What cannot be read is named; the others still say what they can.
        problems.push(`line ${index + 1}: is no JSON`);
        return null;
      }
    });
  return { lines, problems };
}

const kindOf = (line: unknown): unknown => (typeof line === 'object' && line !== null && 'kind' in line ? line.kind : null);

/** The lines of one kind. One that does not have its form is a problem, never left out in silence. */
function pick<T>(
  lines: readonly unknown[],
  kind: string,
  schema: { safeParse(line: unknown): { success: true; data: T } | { success: false } },
  problems: string[],
): T[] {
  return lines.flatMap((line, index) => {
    if (kindOf(line) !== kind) return [];
    const parsed = schema.safeParse(line);
    if (parsed.success) return [parsed.data];
    problems.push(`line ${index + 1}: a line of the kind ${kind} does not have its form`);
    return [];
  });
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

function checkAnchor(anchor: AnchorLine, records: readonly AuditRecord[]): string[] {
  const name = `anchor ${anchor.number}`;
  const { leaf, proof } = anchor;
  if (hashAnchor(anchor) !== anchor.hash) return [`${name}: is not what was made`];
  if (toRoot(leaf, proof) !== anchor.merkle_root) return [`${name}: does not cover what is said of this chain`];
  const end = records[leaf.to_seq - 1];
  if (end === undefined) return [`record ${records.length + 1} of ${leaf.chain}: is missing; ${name} covers records up to ${leaf.to_seq}`];
  if (end.chain !== leaf.chain || end.hash !== leaf.head_hash)
    return [`${name}: was made over other records than these, up to ${leaf.to_seq}`];
  return [];
}

/** Each anchor goes on where the one before it ended. */
function checkCoverage(anchors: readonly AnchorLine[]): string[] {
  let nextSeq = 1;
  for (const { number, leaf } of anchors) {
    if (leaf.from_seq !== nextSeq)
      return [`anchor ${number}: begins at record ${leaf.from_seq}, expected ${nextSeq}; another one is missing`];
    nextSeq = leaf.to_seq + 1;
  }
  return [];
}

function checkKept(kept: Anchor, anchors: readonly Anchor[]): string[] {
  if (hashAnchor(kept) !== kept.hash) return [`the kept copy of anchor ${kept.number}: is not what was made`];
  const own = anchors.find(({ number }) => number === kept.number);
  // An anchor that covers nothing of this task is not in its bundle.
  return own === undefined || own.hash === kept.hash ? [] : [`anchor ${kept.number}: differs from the copy that was kept`];
}

function checkContents(lines: readonly unknown[], problems: string[]): string[] {
  const artifacts = pick(lines, 'artifact', ArtifactLine, problems);
  const policies = pick(lines, 'policy', PolicyLine, problems);
  return [
    ...artifacts
      .filter(({ content, checksum }) => content !== null && sha256(content) !== checksum)
      .map(({ storage_ref }) => `${storage_ref}: its content does not match its checksum`),
    ...policies.filter(({ source, checksum }) => sha256(source) !== checksum).map(() => 'the policy does not match its checksum'),
  ];
}

/** A decision stands in the chain too, by the same person, over the same bytes. */
function checkDecisions(lines: readonly unknown[], records: readonly AuditRecord[], problems: string[]): string[] {
  return pick(lines, 'decision', DecisionLine, problems)
    .filter(
      ({ reference, approver, decision, artifact_checksum }) =>
        !records.some(
          (record) =>
            record.action === `approval.${decision}` &&
            record.object === reference &&
            record.actor === approver &&
            (record.after_text ?? '').includes(artifact_checksum),
        ),
    )
    .map(({ reference, approver, decision }) => `the decision “${decision}” of ${approver} on ${reference}: is not on record`);
}

function checkEnd(text: string, lines: readonly unknown[]): string[] {
  const end = BundleEnd.safeParse(lines.at(-1));
  if (!end.success) return ['the last line: expected the end of the bundle; it was cut off'];
  const body = text.trimEnd().slice(0, text.trimEnd().lastIndexOf('\n') + 1);
  return end.data.sha256 === sha256(body) && end.data.line_count === lines.length
    ? []
    : ['the bundle as a whole does not match the checksum at its end'];
}
