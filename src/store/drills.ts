import { z } from 'zod';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

export const DRILL_OUTCOMES = ['asked', 'running', 'passed', 'failed', 'overtaken'] as const;

/** One drill of the emergency stop. */
export const Drill = fromSnake({
  drillId: z.string(),
  /** `tg:…`, or `system` for one that was due. */
  askedBy: z.string(),
  askedAt: Timestamp,
  /** Where a person asked for it. */
  chatId: z.number().int().nullable(),
  topicId: z.number().int().nullable(),
  messageId: z.number().int().nullable(),
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  /** From the raising of the generation until the last worker had acknowledged and the gate had refused; null when that did not happen. */
  secondsToHalt: z.number().nullable(),
  outcome: z.enum(DRILL_OUTCOMES),
  workers: z.array(fromSnake({ worker: z.string(), hasAcknowledged: z.boolean(), seconds: z.number().nullable() })),
  summary: z.string().nullable(),
});
export type Drill = z.infer<typeof Drill>;

export const DRILL_CODES = ['no_role', 'stopped', 'no_policy', 'running'] as const;
export type DrillCode = (typeof DRILL_CODES)[number];

const AskedDrill = fromSnake({
  code: z.enum(DRILL_CODES).nullable(),
  drillId: z.string().nullable(),
  workerCount: z.number().int(),
  deliver: Deliveries,
});

/** A person wants a drill now; the result is told as an answer to that message. As `ags_bot`. */
export function askDrill(rpc: Rpc, asker: { externalId: number; chatId: number; topicId: number | null; messageId: number }) {
  return rpc.call(
    'ask_drill',
    { p_external_id: asker.externalId, p_chat_id: asker.chatId, p_topic_id: asker.topicId, p_message_id: asker.messageId },
    AskedDrill,
  );
}

/** One drill, or null. As `ags_bot` or `ags_worker`. */
export function findDrill(rpc: Rpc, drillId: string): Promise<Drill | null> {
  return rpc.call('get_drill', { p_drill_id: drillId }, Drill.nullable());
}

/** The effect that the gate is asked about and that nobody sends. */
export const Dummy = fromSnake({
  stepId: z.string(),
  fence: z.number().int(),
  checksum: z.string(),
  targetChatId: z.number().int(),
  partCount: z.number().int(),
});

const BegunDrill = fromSnake({ drill: Drill, dummy: Dummy.nullable() });

/** The drill that was asked for or is due, for one worker of the fleet; null when there is none. As `ags_worker`. */
export function beginDrill(rpc: Rpc, { worker, chatId }: { worker: string; chatId: number }) {
  return rpc.call('begin_drill', { p_worker: worker, p_chat_id: chatId }, BegunDrill.nullable());
}

/** From here on the gate is closed for the dummy. Not raised: a stop came in between, and the drill is over. As `ags_worker`. */
export function raiseDrill(rpc: Rpc, drillId: string) {
  return rpc.call('raise_drill', { p_drill_id: drillId }, fromSnake({ isRaised: z.boolean(), drill: Drill }));
}

/** What the gate answered about the dummy while the drill was raised; `begin` is null when the gate had never let it out. */
export interface GateAnswers {
  authorize: string;
  begin: string | null;
}

/** Ends the drill when there is something to say about it. As `ags_worker`. */
export function settleDrill(rpc: Rpc, drillId: string, gate: GateAnswers) {
  return rpc.call('settle_drill', { p_drill_id: drillId, p_gate: gate }, fromSnake({ isOver: z.boolean(), drill: Drill }));
}
