import { z } from 'zod';
import { Anchor } from './anchor.ts';
import { AuditRecord } from './audit-record.ts';
import { AnchorLeaf, MerkleProof } from './merkle.ts';

/** Every kind of line in an evidence bundle, in the order in which they come; the first is `bundle`, the last is `end`. */
export const EVIDENCE_KINDS = [
  'task',
  'policy',
  'step',
  'artifact',
  'engine_call',
  'request',
  'decision',
  'effect',
  'attempt',
  'event',
  'audit',
  'anchor',
] as const;

/** One line: a kind, and what the database recorded, in its own names. */
export const EvidenceLine = z.looseObject({ kind: z.enum(EVIDENCE_KINDS) });
export type EvidenceLine = z.infer<typeof EvidenceLine>;

export const BUNDLE_FORMAT = 'dynamic-ags/evidence';
export const BUNDLE_VERSION = 1;

export const BundleStart = z.looseObject({
  kind: z.literal('bundle'),
  format: z.literal(BUNDLE_FORMAT),
  version: z.literal(BUNDLE_VERSION),
  task_id: z.string(),
});
export const BundleEnd = z.looseObject({ kind: z.literal('end'), line_count: z.number().int(), sha256: z.string() });

/** The lines that prove something; what else stands in them is for reading. */
export const AuditLine = AuditRecord.extend({ kind: z.literal('audit') });
export const AnchorLine = Anchor.extend({ kind: z.literal('anchor'), leaf: AnchorLeaf, proof: MerkleProof });
export type AnchorLine = z.infer<typeof AnchorLine>;
export const ArtifactLine = z.looseObject({
  kind: z.literal('artifact'),
  storage_ref: z.string(),
  checksum: z.string(),
  content: z.string().nullable(),
});
export type ArtifactLine = z.infer<typeof ArtifactLine>;
export const PolicyLine = z.looseObject({ kind: z.literal('policy'), source: z.string(), checksum: z.string() });
export type PolicyLine = z.infer<typeof PolicyLine>;
/** These are compared with what the records say: by the names that they have in common. */
export const TaskLine = z.looseObject({ kind: z.literal('task'), task_id: z.string() });
export type TaskLine = z.infer<typeof TaskLine>;
export const StepLine = z.looseObject({ kind: z.literal('step'), step_id: z.string(), status: z.string() });
export type StepLine = z.infer<typeof StepLine>;
export const RequestLine = z.looseObject({ kind: z.literal('request'), reference: z.string(), status: z.string() });
export type RequestLine = z.infer<typeof RequestLine>;
export const EffectLine = z.looseObject({ kind: z.literal('effect'), effect_id: z.string(), status: z.string() });
export type EffectLine = z.infer<typeof EffectLine>;
export const AttemptLine = z.looseObject({
  kind: z.literal('attempt'),
  effect_id: z.string(),
  part: z.number().int(),
  status: z.string(),
  chat_id: z.number().int().nullable(),
  topic_id: z.number().int().nullable(),
  message_id: z.number().int().nullable(),
});
export type AttemptLine = z.infer<typeof AttemptLine>;
export const DecisionLine = z.looseObject({
  kind: z.literal('decision'),
  reference: z.string(),
  approver: z.string(),
  role: z.string(),
  decision: z.enum(['approve', 'reject']),
  artifact_checksum: z.string(),
});
export type DecisionLine = z.infer<typeof DecisionLine>;
