import { z } from 'zod';
import { Anchor } from '../domain/evidence/anchor.ts';
import { EvidenceLine } from '../domain/evidence/bundle.ts';
import { TaskId } from '../domain/ids.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';

const AuditProblem = fromSnake({
  chain: z.string().nullable(),
  seq: z.number().int().nullable(),
  problem: z.enum([
    'missing',
    'out_of_line',
    'changed',
    'not_by_the_program',
    'anchored_otherwise',
    'anchor_missing',
    'anchor_changed',
    'anchor_differs',
  ]),
  /** The anchor that says so. */
  number: z.number().int().nullable(),
});
export type AuditProblem = z.infer<typeof AuditProblem>;

const Range = z.object({
  after_chain: z.string().nullable(),
  after_seq: z.number().int().nullable(),
  until_chain: z.string().nullable(),
  until_seq: z.number().int().nullable(),
});
const RangeProof = fromSnake({ recordCount: z.number().int(), chainCount: z.number().int(), problems: z.array(AuditProblem) });
const AnchorsProof = fromSnake({
  anchorCount: z.number().int(),
  last: Anchor.nullable(),
  unanchoredCount: z.number().int(),
  unanchoredSince: Timestamp.nullable(),
  problems: z.array(AuditProblem),
});

export interface AuditProof extends Omit<z.infer<typeof AnchorsProof>, 'problems'> {
  recordCount: number;
  chainCount: number;
  /** At most some hundred, the first one to look at first. */
  problems: AuditProblem[];
}

export interface VerifyOptions {
  /** Copies of anchors from outside, believed more than the database. */
  kept?: readonly Pick<Anchor, 'number' | 'hash'>[];
  signal?: AbortSignal;
  /** Records in one call: a server may end calls that take longer than some seconds, and a single session has other work too. */
  rangeSize?: number;
  /** Calls at once. */
  concurrency?: number;
}

/** Recomputes the whole audit log, range by range, and every anchor. As `ags_bot`, `ags_web` or `ags_reader`. */
export async function verifyAudit(
  rpc: Rpc,
  { kept = [], signal, rangeSize = 50_000, concurrency = 2 }: VerifyOptions = {},
): Promise<AuditProof> {
  const ranges = await rpc.call('list_audit_ranges', { p_size: rangeSize }, z.array(Range), signal);
  const proofs: z.infer<typeof RangeProof>[] = [];
  const rest = ranges.values();
  const verifySome = async () => {
    for (const { after_chain, after_seq, until_chain, until_seq } of rest) {
      const range = { p_after_chain: after_chain, p_after_seq: after_seq, p_until_chain: until_chain, p_until_seq: until_seq };
      proofs.push(await rpc.call('verify_audit_range', range, RangeProof, signal));
    }
  };
  // One of those at work begins with the anchors, and then helps with the records.
  const verifyAnchorsFirst = async () => {
    const args = { p_kept: kept.map(({ number, hash }) => ({ number, hash })) };
    const proof = await rpc.call('verify_audit_anchors', args, AnchorsProof, signal);
    await verifySome();
    return proof;
  };
  const others = Array.from({ length: concurrency - 1 }, verifySome);
  const [anchors] = await Promise.all([verifyAnchorsFirst(), ...others]);
  return {
    ...anchors,
    recordCount: proofs.reduce((sum, { recordCount }) => sum + recordCount, 0),
    chainCount: proofs.reduce((sum, { chainCount }) => sum + chainCount, 0),
    problems: [...proofs.flatMap(({ problems }) => problems), ...anchors.problems].toSorted(compareProblems),
  };
}

/** Anchors that are missing or differ come first: they say that all of it may be another database. Then by chain, the earliest record first. */
function compareProblems(one: AuditProblem, other: AuditProblem): number {
  const rank = ({ chain }: AuditProblem) => (chain === null ? 0 : 1);
  return (
    rank(one) - rank(other) ||
    (one.chain ?? '').localeCompare(other.chain ?? '', 'en') ||
    (one.seq ?? 0) - (other.seq ?? 0) ||
    (one.number ?? 0) - (other.number ?? 0)
  );
}

/** Everything recorded about one task, line by line; null when there is no such task. As `ags_bot`, `ags_web` or `ags_reader`. */
export function exportTask(rpc: Rpc, taskId: string): Promise<EvidenceLine[] | null> {
  return rpc.call('export_task', { p_task_id: taskId }, z.array(EvidenceLine).nullable());
}

const PostedTask = fromSnake({
  chatId: z.number().int(),
  taskId: TaskId,
  part: z.number().int(),
  partCount: z.number().int(),
});
export type PostedTask = z.infer<typeof PostedTask>;

/** Which tasks let a message of this number out, in one chat or (null) in any; the newest first. As `ags_bot`, `ags_web` or `ags_reader`. */
export function listPostedTasks(rpc: Rpc, message: { chatId: number | null; messageId: number }): Promise<PostedTask[]> {
  return rpc.call('list_posted_tasks', { p_chat_id: message.chatId, p_message_id: message.messageId }, z.array(PostedTask));
}
