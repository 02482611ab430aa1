import { z } from 'zod';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** The words that the models are given and the rubric that their work is scored by, by sha256 (hex). */
export const PromptSet = fromSnake({
  /** By agent. */
  hashes: z.record(z.string(), z.string()),
  rubric: z.string(),
  since: Timestamp,
  /** What differed from the set before it; of the first one everything. */
  changed: z.array(z.string()),
  isFirst: z.boolean(),
});
export type PromptSet = z.infer<typeof PromptSet>;

/** What a worker starts with; what differs from the last start is audited and raised as an incident. As `ags_worker`. */
export function recordPrompts(rpc: Rpc, { worker, hashes }: { worker: string; hashes: Record<string, string> }) {
  const shape = fromSnake({ isFirst: z.boolean(), changed: z.array(z.string()) });
  return rpc.call('record_prompts', { p_worker: worker, p_hashes: hashes }, shape);
}

/** Null before any worker has started. As `ags_bot`, `ags_web` or `ags_reader`. */
export function findPrompts(rpc: Rpc): Promise<PromptSet | null> {
  return rpc.call('get_prompts', {}, PromptSet.nullable());
}
