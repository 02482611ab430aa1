import { z } from 'zod';
import { fromSnake } from './rows.ts';

/** The nudges that a change of state asks for. Ids only: whoever gets one looks at the row. */
export const JOB_NAMES = [
  'step.run',
  'task.show',
  'request.show',
  'card.show',
  'request.remind',
  'doubt.show',
  'drill.run',
  'change.show',
  'change.remind',
  'resume.show',
  'incident.show',
  'runbook.run',
] as const;
export type JobName = (typeof JOB_NAMES)[number];

export const Delivery = fromSnake({
  job: z.enum(JOB_NAMES),
  id: z.string(),
  /** The row's wake count or the moment of the change: part of the job's id, so that no later nudge is taken for an earlier one. */
  seq: z.number().int(),
  delayMs: z.number().int().min(0),
});
export type Delivery = z.infer<typeof Delivery>;

export const Deliveries = z.array(Delivery);

/** Where nudges go: the queue. A lost one costs time, never correctness. */
export type Deliver = (deliveries: Delivery[]) => Promise<void>;
