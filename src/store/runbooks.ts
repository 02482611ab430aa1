import { z } from 'zod';
import { Card } from './cards.ts';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

export const RUNBOOKS = ['desync', 'tool-failure', 'memory-drift'] as const;
export type RunbookName = (typeof RUNBOOKS)[number];

/** One run of a runbook: what each step would do, and what it did. */
export const RunbookRun = fromSnake({
  runId: z.string(),
  name: z.enum(RUNBOOKS),
  /** The breaker of the tool that fails. */
  subject: z.string().nullable(),
  state: z.enum(['proposed', 'running', 'done', 'failed']),
  createdAt: Timestamp,
  startedAt: Timestamp.nullable(),
  endedAt: Timestamp.nullable(),
  startedByName: z.string().nullable(),
  chatId: z.number().int(),
  topicId: z.number().int().nullable(),
  steps: z.array(
    fromSnake({
      name: z.string(),
      state: z.enum(['pending', 'done', 'failed']),
      plan: z.string(),
      result: z.string().nullable(),
      isBegun: z.boolean(),
    }),
  ),
});
export type RunbookRun = z.infer<typeof RunbookRun>;

export const RUNBOOK_CODES = [
  'no_role',
  'unknown_runbook',
  'unknown_tool',
  'running',
  'unknown_button',
  'wrong_message',
  'already_started',
  'expired',
] as const;
export type RunbookCode = (typeof RUNBOOK_CODES)[number];

const Proposed = fromSnake({ code: z.enum(RUNBOOK_CODES).nullable(), tools: z.array(z.string()), run: RunbookRun.nullable() });

export interface RunbookRequest {
  externalId: number;
  name: string;
  /** The tool; the one that fails now when null. */
  subject: string | null;
  chatId: number;
  topicId: number | null;
}

/** The dry run: what each step would do now. Changes nothing. As `ags_bot`. */
export function proposeRunbook(rpc: Rpc, { externalId, name, subject, chatId, topicId }: RunbookRequest) {
  const args = { p_external_id: externalId, p_name: name, p_subject: subject, p_chat_id: chatId, p_topic_id: topicId };
  return rpc.call('propose_runbook', args, Proposed);
}

/** The one message of a run. As `ags_bot` or `ags_worker`. */
export function openRunbookCard(rpc: Rpc, runId: string) {
  return rpc.call('open_runbook_card', { p_run_id: runId }, fromSnake({ run: RunbookRun, card: Card }));
}

const Started = fromSnake({ code: z.enum(RUNBOOK_CODES).nullable(), runId: z.string().nullable(), deliver: Deliveries });

/** Run, on the dry run's own message. As `ags_bot`. */
export function startRunbook(rpc: Rpc, press: { token: string; chatId: number; messageId: number; externalId: number }) {
  const args = { p_token: press.token, p_chat_id: press.chatId, p_message_id: press.messageId, p_external_id: press.externalId };
  return rpc.call('start_runbook', args, Started);
}

/** A call that failed: when and how, what was asked and what came back, masked and cut. */
export const FailedCall = fromSnake({
  ts: Timestamp,
  code: z.string(),
  elapsedMs: z.number().int(),
  request: z.record(z.string(), z.unknown()),
  status: z.number().int().nullable(),
  answer: z.string().nullable(),
});
export type FailedCall = z.infer<typeof FailedCall>;

/** What only a worker can do for the step under way. */
export const RunbookAsk = z.discriminatedUnion('what', [
  z.object({ what: z.literal('search') }),
  z.object({
    what: z.literal('compare'),
    /** The artifact up to which it has been done. */
    after: z.string().nullable(),
    artifacts: z.array(
      fromSnake({ artifactId: z.string(), storageRef: z.string(), checksum: z.string(), isStored: z.boolean(), isRowWhole: z.boolean() }),
    ),
  }),
]);
export type RunbookAsk = z.infer<typeof RunbookAsk>;

const Advanced = fromSnake({
  isOver: z.boolean(),
  /** Until the next step is due. */
  waitMs: z.number().int(),
  /** The step that was ended by this; null when it goes on waiting. */
  did: z.string().nullable(),
  deliver: Deliveries,
  failures: z.array(FailedCall).nullish(),
  ask: RunbookAsk.nullish(),
});

/** Does the next step, in one transaction with its record. As `ags_worker`. */
export function advanceRunbook(rpc: Rpc, runId: string) {
  return rpc.call('advance_runbook', { p_run_id: runId }, Advanced);
}

/** As the database spells them: what a step had asked for. */
export interface RunbookAnswers {
  search: { is_ok: boolean };
  compare: { after: string | null; last: string | null; checked: number; wrong: string[]; missing: string[] };
}

/** Twice or late it changes nothing. As `ags_worker`. */
export function answerRunbook<Name extends keyof RunbookAnswers>(rpc: Rpc, runId: string, name: Name, answer: RunbookAnswers[Name]) {
  return rpc.call('answer_runbook', { p_run_id: runId, p_name: name, p_answer: answer }, Nothing);
}
