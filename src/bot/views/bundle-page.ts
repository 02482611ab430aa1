import { html } from 'hono/html';
import type { EVIDENCE_KINDS, EvidenceLine } from '../../domain/evidence/bundle.ts';
import type { Bundle } from '../bundle.ts';

type Kind = (typeof EVIDENCE_KINDS)[number];

/** What of each kind is worth a column, in the order in which a reader asks; the file for programs has the rest. */
const SECTIONS: readonly { kind: Kind; title: string; columns: readonly string[] }[] = [
  {
    kind: 'task',
    title: 'Task',
    columns: [
      'task_id',
      'goal',
      'actor',
      'risk_tier',
      'status',
      'created_at',
      'ended_at',
      'policy_version',
      'input_checksum',
      'is_rehearsal',
      'tokens_used',
      'cost_usd',
      'failure_message',
    ],
  },
  { kind: 'policy', title: 'Policy', columns: ['policy_version', 'checksum', 'proposed_by', 'in_force_at', 'source'] },
  {
    kind: 'step',
    title: 'Plan and steps',
    columns: [
      'node_id',
      'step_kind',
      'agent_name',
      'action',
      'tier',
      'after',
      'instruction',
      'status',
      'quality_score',
      'verdict',
      'comments',
    ],
  },
  {
    kind: 'artifact',
    title: 'Artifacts',
    columns: ['step_id', 'type', 'storage_ref', 'checksum', 'prompt_checksum', 'made_by', 'created_at', 'content', 'withheld'],
  },
  {
    kind: 'engine_call',
    title: 'Model calls',
    columns: ['step_id', 'engine', 'model', 'input_tokens', 'output_tokens', 'cost_usd', 'outcome', 'created_at'],
  },
  {
    kind: 'request',
    title: 'What people were asked',
    columns: [
      'reference',
      'version',
      'tier',
      'action',
      'slots',
      'artifact_checksum',
      'target_chat_id',
      'policy_version',
      'status',
      'shown_at',
      'expires_at',
      'void_reason',
      'verdict',
    ],
  },
  {
    kind: 'decision',
    title: 'Decisions',
    columns: ['reference', 'name', 'approver', 'role', 'decision', 'reason', 'artifact_checksum', 'ts'],
  },
  {
    kind: 'effect',
    title: 'Effects',
    columns: [
      'kind',
      'reference',
      'status',
      'artifact_checksum',
      'target_chat_id',
      'granted_at',
      'settled_at',
      'outcome_note',
      'idempotency_key',
    ],
  },
  {
    kind: 'attempt',
    title: 'Tries',
    columns: ['part', 'attempt', 'status', 'started_at', 'settled_at', 'chat_id', 'message_id', 'landed_by', 'error'],
  },
  { kind: 'event', title: 'Events', columns: ['ts', 'event_type', 'agent', 'payload'] },
  { kind: 'audit', title: 'Audit records', columns: ['seq', 'ts', 'actor', 'action', 'object', 'before_text', 'after_text', 'hash'] },
  { kind: 'anchor', title: 'Anchors', columns: ['number', 'made_at', 'leaf', 'merkle_root', 'hash', 'kept'] },
];

/** Nothing is loaded and nothing runs: whatever a person or a model wrote stays text. */
const POLICY = "default-src 'none'; style-src 'unsafe-inline'";
const STYLE = `
body { font: 14px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 80rem; padding: 0 1rem; color: #1b1f24; background: #fff; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; border-top: 1px solid #d8dee4; padding-top: .6rem; margin: .6rem 0; }
dt { color: #57606a; } dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
`;

/** The same evidence for reading: one page that needs nothing else. */
export function makeBundlePage({ taskId, exportedAt, lines, sha256, proof }: Bundle): string {
  const sections = SECTIONS.map(({ kind, title, columns }) => {
    const own = lines.filter((line) => line.kind === kind);
    return own.length === 0 ? '' : html`<h2>${title} (${own.length})</h2>${own.map((line) => makeEntry(line, columns))}`;
  });
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>Evidence of ${taskId}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Evidence of ${taskId}</h1>
<p>Exported ${exportedAt}. ${proof}</p>
<p>This page is for reading. What proves it is the file evidence-${taskId}.jsonl with the sha256 ${sha256}.</p>
${sections}
</body>
</html>
`);
}

function makeEntry(line: EvidenceLine, columns: readonly string[]) {
  const present = columns
    .map((name) => ({ name, value: line[name] }))
    .filter(({ value }) => value !== null && value !== undefined && value !== '');
  return html`<dl>${present.map(({ name, value }) => html`<dt>${name.replaceAll('_', ' ')}</dt><dd>${toText(value)}</dd>`)}</dl>`;
}

const toText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
