import type { ChatRef } from '../domain/message.ts';
import { writePostDryRun } from '../effects/dry-run.ts';
import { type StagedPost, stagePost } from '../effects/stage.ts';
import { toAppError } from '../errors.ts';
import { claimRequest, type RequestView, recordShown, releaseRequest } from '../store/approvals.ts';
import { type CallLevel, recordCall } from '../store/calls.ts';
import type { Delivery } from '../store/delivery.ts';
import { claimTaskView, postponeTaskView } from '../store/tasks.ts';
import type { JobDeps } from './deps.ts';
import type { Face } from './face.ts';
import { LEASE_SECONDS } from './lease.ts';

/** A message is redrawn at most this often; the newest state wins. */
const MIN_INTERVAL_MS = 1_000;
/** What could not be shown is shown again after this, for as long as it takes. */
const SHOW_AGAIN_MS = 5_000;

/** Makes a task's message say what its row says; asks for another round when it was redrawn too recently or the messenger is busy. */
export async function showTask({ rpc, face, deliver }: JobDeps, taskId: string, signal: AbortSignal): Promise<void> {
  const claimed = await claimTaskView(rpc, taskId, MIN_INTERVAL_MS);
  if (claimed === null) return;
  if (claimed.task === null) {
    await deliver([{ job: 'task.show', id: taskId, seq: Date.now() + claimed.waitMs, delayMs: claimed.waitMs }]);
    return;
  }
  const again = async (delayMs: number) => deliver((await postponeTaskView(rpc, taskId, delayMs)).deliver);
  try {
    const { retryAfterMs } = await face.drawTask(claimed.task, signal);
    if (retryAfterMs > 0) await again(retryAfterMs);
  } catch (thrown) {
    if (toAppError(thrown).retry === 'later') await again(SHOW_AGAIN_MS);
    throw thrown;
  }
}

/** Stages what is asked about, records that all of it has been shown, and draws the cards. */
export async function showRequest(deps: JobDeps, requestId: string, signal: AbortSignal): Promise<void> {
  const { rpc, worker, face, deliver } = deps;
  const request = await claimRequest(rpc, requestId, { worker, leaseSeconds: LEASE_SECONDS });
  if (request === null) return;
  const shown = await stage(deps, request, signal).catch(async (thrown: unknown) => {
    const error = toAppError(thrown);
    if (error.retry === 'later') {
      const { retryAfterMs } = error.context;
      const delayMs = typeof retryAfterMs === 'number' ? retryAfterMs : SHOW_AGAIN_MS;
      await deliver((await releaseRequest(rpc, { requestId, worker, delayMs })).deliver);
    }
    throw error;
  });
  await deliver(shown.deliver);
  await showUntilItWorks(deps, { job: 'card.show', id: shown.stepId }, () => face.drawCards(shown.stepId, signal));
}

async function stage(deps: JobDeps, request: RequestView, signal: AbortSignal) {
  const { rpc, worker, chats } = deps;
  const { post, problem } = await stagePost({ ...deps, adminChat: chats.admin }, request, signal);
  const dryRun = problem === null ? await prepareDryRun(deps, request, post, chats.admin, signal) : null;
  return recordShown(rpc, { requestId: request.requestId, worker, problem, dryRun });
}

/** 1 reminds, 2 escalates, 3 says that the time is nearly over. */
const toLevel = (seq: number): CallLevel => (seq % 4 === 3 ? 3 : seq % 4 === 2 ? 2 : 1);

/**
 * Calls people to what waits for them, and says that it came through: until then the row stays due. Where Telegram does not take it, the
 * nudge comes again soon, under a new number, which keeps the level, or the queue would take it for the one in hand.
 */
export async function callPeople(
  deps: Pick<JobDeps, 'deliver' | 'rpc'>,
  { job, id, seq }: Pick<Delivery, 'job' | 'id' | 'seq'>,
  call: Face['remind'],
  signal: AbortSignal,
): Promise<void> {
  const level = toLevel(seq);
  const again = 4 * Date.now() + level;
  await showUntilItWorks(deps, { job, id, seq: again }, () => call(id, level, signal));
  await recordCall(deps.rpc, id, level);
}

/** Cards are drawn from the rows: when the messenger does not answer, or the process drains, the same nudge comes again a little later. */
export async function showUntilItWorks(
  { deliver }: Pick<JobDeps, 'deliver'>,
  nudge: Pick<Delivery, 'job' | 'id'> & Partial<Pick<Delivery, 'seq'>>,
  show: () => Promise<void>,
): Promise<void> {
  try {
    await show();
  } catch (thrown) {
    if (toAppError(thrown).retry === 'later') await deliver([{ seq: Date.now(), ...nudge, delayMs: SHOW_AGAIN_MS }]);
    throw thrown;
  }
}

function prepareDryRun({ artifacts }: JobDeps, request: RequestView, post: StagedPost['post'], adminChat: ChatRef, signal: AbortSignal) {
  const needsIt = request.verdict.items.some(({ requirement }) => requirement === 'dry_run_required');
  if (!needsIt) return null;
  const bytes = writePostDryRun(request, post, adminChat);
  return artifacts.prepare(
    { taskId: request.taskId, name: `dry-run.${request.reference}.md`, type: 'dry_run', contentType: 'text/markdown', bytes },
    signal,
  );
}
