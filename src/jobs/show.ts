import type { ChatRef } from '../domain/message.ts';
import { writePostDryRun } from '../effects/dry-run.ts';
import { type StagedPost, stagePost } from '../effects/stage.ts';
import { claimRequest, type RequestView, recordShown } from '../store/approvals.ts';
import { claimTaskView, requestTaskView } from '../store/tasks.ts';
import type { JobDeps } from './deps.ts';
import { LEASE_SECONDS } from './lease.ts';

/** A message is redrawn at most this often; the newest state wins. */
const MIN_INTERVAL_MS = 1_000;

/** Makes a task's message say what its row says; asks for another round when it was redrawn too recently or the messenger is busy. */
export async function showTask({ rpc, face, deliver }: JobDeps, taskId: string, signal: AbortSignal): Promise<void> {
  const claimed = await claimTaskView(rpc, taskId, MIN_INTERVAL_MS);
  if (claimed === null) return;
  if (claimed.task === null) {
    await deliver([{ job: 'task.show', id: taskId, seq: Date.now() + claimed.waitMs, delayMs: claimed.waitMs }]);
    return;
  }
  const { retryAfterMs } = await face.drawTask(claimed.task, signal);
  if (retryAfterMs === 0) return;
  const again = await requestTaskView(rpc, taskId);
  await deliver(again.deliver.map((delivery) => ({ ...delivery, delayMs: retryAfterMs })));
}

/** Stages what is asked about, records that all of it has been shown, and draws the cards. */
export async function showRequest(deps: JobDeps, requestId: string, signal: AbortSignal): Promise<void> {
  const { rpc, worker, face, deliver, chats } = deps;
  const request = await claimRequest(rpc, requestId, { worker, leaseSeconds: LEASE_SECONDS });
  if (request === null) return;
  const { post, problem } = await stagePost({ ...deps, adminChat: chats.admin }, request, signal);
  const dryRun = problem === null ? await prepareDryRun(deps, request, post, chats.admin, signal) : null;
  const shown = await recordShown(rpc, { requestId, worker, problem, dryRun });
  await deliver(shown.deliver);
  await face.drawCards(shown.stepId, signal);
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
