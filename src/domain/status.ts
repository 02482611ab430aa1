import { z } from 'zod';

export const TASK_STATUSES = [
  'planning',
  'running',
  'awaiting_approval',
  'held',
  'done',
  'failed',
  'rejected',
  'cancelled',
  'expired',
  'stale',
] as const;
export const TaskStatus = z.enum(TASK_STATUSES);
export type TaskStatus = z.infer<typeof TaskStatus>;

export const STEP_STATUSES = [
  'pending',
  'ready',
  'running',
  'awaiting_approval',
  'done',
  'failed',
  'skipped',
  'cancelled',
  'quarantined',
] as const;
export const StepStatus = z.enum(STEP_STATUSES);
export type StepStatus = z.infer<typeof StepStatus>;

export const EFFECT_STATUSES = ['granted', 'done', 'failed', 'in_doubt', 'void'] as const;
export const EffectStatus = z.enum(EFFECT_STATUSES);
export type EffectStatus = z.infer<typeof EffectStatus>;

/** `staging`: not shown in full yet, cannot be approved. `void`: replaced by another version, or its ground is gone. */
export const REQUEST_STATUSES = ['staging', 'pending', 'approved', 'rejected', 'void', 'expired'] as const;
export const RequestStatus = z.enum(REQUEST_STATUSES);
export type RequestStatus = z.infer<typeof RequestStatus>;

export const DECISIONS = ['approve', 'reject'] as const;
export const Decision = z.enum(DECISIONS);
export type Decision = z.infer<typeof Decision>;

const ENDED: ReadonlySet<TaskStatus> = new Set(['done', 'failed', 'rejected', 'cancelled', 'expired', 'stale']);
export const isEnded = (status: TaskStatus): boolean => ENDED.has(status);
