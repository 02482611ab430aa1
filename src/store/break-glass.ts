import { z } from 'zod';
import { Proposal } from './changes.ts';
import { Deliveries } from './delivery.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';

interface Asked {
  externalId: number;
  taskId: string;
}

/** An owner asks to let out what waits for people in a task. A refusal is a value with a sentence. As `ags_bot`. */
export function proposeBreakGlass(rpc: Rpc, { externalId, taskId, reason }: Asked & { reason: string }): Promise<Proposal> {
  return rpc.call('propose_break_glass', { p_external_id: externalId, p_task_id: taskId, p_reason: reason }, Proposal);
}

export const REVIEW_CODES = ['no_role', 'not_found', 'still_open', 'opener', 'stand_in', 'text_needed'] as const;
export type ReviewCode = (typeof REVIEW_CODES)[number];

const ReviewOutcome = fromSnake({ code: z.enum(REVIEW_CODES).nullable(), reference: z.string().nullable(), deliver: Deliveries });

/** Another owner writes what they found; until then nothing of T3 is let out. As `ags_bot`. */
export function reviewBreakGlass(rpc: Rpc, { externalId, taskId, text }: Asked & { text: string }) {
  return rpc.call('review_break_glass', { p_external_id: externalId, p_task_id: taskId, p_text: text }, ReviewOutcome);
}
