import { BUNDLE_FORMAT, BUNDLE_VERSION, type EvidenceLine } from '../domain/evidence/bundle.ts';
import { verifyBundle } from '../domain/evidence/verify-bundle.ts';
import { sha256 } from '../domain/ids.ts';
import { redactPersonalData } from '../policy/guards/pii.ts';
import { plural } from './view.ts';

export interface Bundle {
  taskId: string;
  exportedAt: string;
  lines: readonly EvidenceLine[];
  /** JSON Lines, with a head and an end. */
  text: string;
  /** Of `text`. */
  sha256: string;
  /** What the bundle proves by itself, as a sentence. */
  proof: string;
}

/** What agents and the program made. What people sent, and what was gathered from elsewhere, leaves by its checksum alone. */
const SHOWN_TYPES: readonly unknown[] = ['plan', 'note', 'findings', 'draft', 'post', 'critique', 'dry_run', 'archive'];

/** Makes the evidence of one task a file that proves itself: a line for each thing on record, contents only where nothing personal is found. */
export function makeBundle(found: readonly EvidenceLine[], { taskId, exportedAt }: { taskId: string; exportedAt: Date }): Bundle {
  const lines = found.map(withholdContent);
  const head = { kind: 'bundle', format: BUNDLE_FORMAT, version: BUNDLE_VERSION, task_id: taskId, exported_at: exportedAt.toISOString() };
  const body = [head, ...lines].map((line) => `${JSON.stringify(line)}\n`).join('');
  const text = `${body}${JSON.stringify({ kind: 'end', line_count: lines.length + 2, sha256: sha256(body) })}\n`;
  return { taskId, exportedAt: head.exported_at, lines, text, sha256: sha256(text), proof: describeProof(text) };
}

function withholdContent(line: EvidenceLine): EvidenceLine {
  if (line.kind !== 'artifact') return line;
  const { content, type } = line;
  if (typeof content !== 'string') return { ...line, content: null, withheld: 'is in Storage under its checksum' };
  if (!SHOWN_TYPES.includes(type)) return { ...line, content: null, withheld: 'came from people or from elsewhere' };
  return redactPersonalData(content) === content ? line : { ...line, content: null, withheld: 'holds personal data' };
}

function describeProof(text: string): string {
  const { problems, recordCount, anchors, unanchoredCount } = verifyBundle(text);
  const [problem] = problems;
  if (problem !== undefined) return `⚠️ it does not hold together: ${problem}.`;
  const covered =
    anchors.length === 0
      ? 'no anchor covers them yet'
      : `covered by ${anchors.length === 1 ? 'anchor' : 'anchors'} ${anchors.map(({ number }) => number).join(', ')}`;
  const open = anchors.length > 0 && unanchoredCount > 0 ? `, ${unanchoredCount} not yet anchored` : '';
  return `${plural(recordCount, 'audit record')}, ${covered}${open}.`;
}
