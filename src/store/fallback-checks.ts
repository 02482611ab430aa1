import { z } from 'zod';
import { Deliveries } from './delivery.ts';
import { Dummy } from './drills.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';

/** What became of one fallback when it was tried. */
export const FallbackResult = z.object({ fallback: z.string(), outcome: z.enum(['ok', 'failed', 'skipped']), detail: z.string() });
export type FallbackResult = z.infer<typeof FallbackResult>;

export const FallbackCheck = fromSnake({
  checkId: z.string(),
  /** Where a person asked for it. */
  chatId: z.number().int().nullable(),
  topicId: z.number().int().nullable(),
  messageId: z.number().int().nullable(),
  taskId: z.string().nullable(),
  outcome: z.enum(['asked', 'running', 'passed', 'failed']),
  results: z.array(FallbackResult),
});
export type FallbackCheck = z.infer<typeof FallbackCheck>;

const AskedCheck = fromSnake({ code: z.enum(['no_role', 'stopped', 'no_policy', 'running']).nullable(), deliver: Deliveries });

/** A person wants the fallbacks tried now; the result is told as an answer to that message. As `ags_bot`. */
export function askFallbackCheck(rpc: Rpc, asker: { externalId: number; chatId: number; topicId: number | null; messageId: number }) {
  return rpc.call(
    'ask_fallback_check',
    { p_external_id: asker.externalId, p_chat_id: asker.chatId, p_topic_id: asker.topicId, p_message_id: asker.messageId },
    AskedCheck,
  );
}

const BegunCheck = fromSnake({ checkId: z.string(), policyVersion: z.number().int(), dummy: Dummy });

/** The check that was asked for or is due, for one worker of the fleet; null when there is none. As `ags_worker`. */
export function beginFallbackCheck(rpc: Rpc, { worker, chatId }: { worker: string; chatId: number }) {
  return rpc.call('begin_fallback_check', { p_worker: worker, p_chat_id: chatId }, BegunCheck.nullable());
}

/** Ends a check with a result for each fallback. As `ags_worker`. */
export function settleFallbackCheck(rpc: Rpc, checkId: string, results: readonly FallbackResult[]): Promise<FallbackCheck> {
  return rpc.call('settle_fallback_check', { p_check_id: checkId, p_results: [...results] }, FallbackCheck);
}
