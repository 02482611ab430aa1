import { z } from 'zod';
import { InjectionFinding } from '../domain/injection.ts';
import { Tier } from '../domain/tier.ts';
import { fromSnake, Timestamp } from './rows.ts';

/** An artifact's row; `content` is null when the bytes are in Storage. */
export const ArtifactRow = fromSnake({
  artifactId: z.string(),
  stepId: z.string().nullable(),
  type: z.string(),
  storageRef: z.string(),
  checksum: z.string(),
  contentType: z.string(),
  sizeBytes: z.number(),
  content: z.string().nullable(),
  madeBy: z.string(),
  createdAt: Timestamp,
});
export type ArtifactRow = z.infer<typeof ArtifactRow>;

/** What a function takes to write an artifact: its content for the row, or the URI where it was uploaded before. */
export interface NewArtifact {
  name: string;
  type: 'input' | 'plan' | 'context' | 'note' | 'findings' | 'draft' | 'post' | 'critique' | 'dry_run' | 'media' | 'archive';
  contentType: string;
  checksum: string;
  sizeBytes: number;
  content?: string;
  storageRef?: string;
  /** sha256 of the prompt file that a model was asked with. */
  promptChecksum?: string | undefined;
}

export function toArtifactJson({ name, type, contentType, checksum, sizeBytes, content, storageRef, promptChecksum }: NewArtifact) {
  return {
    name,
    type,
    content_type: contentType,
    checksum,
    size_bytes: sizeBytes,
    content: content ?? null,
    storage_ref: storageRef ?? null,
    prompt_checksum: promptChecksum ?? null,
  };
}

export const SentPart = fromSnake({
  part: z.number().int(),
  chatId: z.number().int(),
  topicId: z.number().int().nullable(),
  messageId: z.number().int(),
});
export type SentPart = z.infer<typeof SentPart>;

export const StopState = fromSnake({
  generation: z.number().int(),
  isStopped: z.boolean(),
  scope: z.enum(['effects', 'all']).nullable(),
  stoppedAt: Timestamp.nullable(),
  stoppedBy: z.string().nullable(),
  reason: z.string().nullable(),
  resumeAskedBy: z.string().nullable(),
  resumeAskedAt: Timestamp.nullable(),
});
export type StopState = z.infer<typeof StopState>;

/** A requirement list against the facts: what is met, what is not, and why. */
export const Verdict = fromSnake({
  isMet: z.boolean(),
  items: z.array(fromSnake({ requirement: z.string(), isMet: z.boolean(), detail: z.string(), isByPeople: z.boolean() })),
});
export type Verdict = z.infer<typeof Verdict>;

/** The critic's verdict as the database scored it. `critique` keeps the wire's own names. */
export const CriticVerdict = fromSnake({
  points: z.number().int(),
  score: z.number(),
  hasVeto: z.boolean(),
  passed: z.boolean(),
  passPoints: z.number().int(),
  postChecksum: z.string(),
  partCount: z.number().int(),
  critique: z.record(z.string(), z.unknown()),
  /** Where the material seemed to give orders to a model: it raises what is asked. */
  injection: z.array(InjectionFinding).default([]),
});
export type CriticVerdict = z.infer<typeof CriticVerdict>;

export const EffectView = fromSnake({
  effectId: z.string(),
  taskId: z.string(),
  stepId: z.string(),
  kind: z.enum(['reply', 'post', 'trade', 'payment', 'withdrawal']),
  tier: Tier,
  status: z.enum(['granted', 'done', 'failed', 'in_doubt', 'void']),
  artifactChecksum: z.string(),
  generation: z.number().int(),
  grantedAt: Timestamp,
  settledAt: Timestamp.nullable(),
  partCount: z.number().int(),
  targetChatId: z.number().int(),
  targetTopicId: z.number().int().nullable(),
  outcomeNote: z.string().nullable(),
  resendAskedBy: z.string().nullable(),
  /** Whose word sent it again after a doubt. */
  sentAgainBy: z.string().nullable(),
  staged: z.array(SentPart),
  attempts: z.array(
    fromSnake({
      attemptId: z.string(),
      part: z.number().int(),
      attempt: z.number().int(),
      status: z.enum(['started', 'done', 'refused', 'void', 'in_doubt']),
      startedAt: Timestamp,
      settledAt: Timestamp.nullable(),
      chatId: z.number().int().nullable(),
      topicId: z.number().int().nullable(),
      messageId: z.number().int().nullable(),
      error: z.string().nullable(),
    }),
  ),
});
export type EffectView = z.infer<typeof EffectView>;

/** For functions that answer nothing. */
export const Nothing = z.null().or(z.undefined()).or(z.literal(''));
