import { compareArtifacts } from '../memory/compare-artifacts.ts';
import { trySearch } from '../memory/recall.ts';
import { answerRunbook, type RunbookAsk } from '../store/runbooks.ts';
import { searchArtifacts } from '../store/steps.ts';
import type { JobDeps } from './deps.ts';

type AskDeps = Pick<JobDeps, 'rpc' | 'breakers' | 'artifacts' | 'log'>;

/** Any words do: what is found is of no interest. No task has this id, so that none is left out. */
const TRIAL = { query: 'answer draft summary notes', taskId: '', limit: 1 };

/**
 * Does what a step of a runbook cannot do in the database. False when it could not be done now and has to be asked again. Throws what
 * reading Storage throws; whoever finds the run undone asks again.
 */
export async function answerAsk(deps: AskDeps, runId: string, ask: RunbookAsk, signal: AbortSignal): Promise<boolean> {
  return ask.what === 'search' ? askSearch(deps, runId, signal) : compare(deps, runId, ask, signal);
}

/** Behind its breaker: a good answer closes it, so that the tasks that search again are let through. */
async function askSearch(deps: AskDeps, runId: string, signal: AbortSignal): Promise<boolean> {
  const { rpc, log } = deps;
  const answer = await trySearch(deps, (within) => searchArtifacts(rpc, TRIAL, within), signal);
  const isOk = 'found' in answer;
  if (!isOk) log.warn({ err: answer.err, reason: answer.reason, runId }, 'search does not answer the runbook');
  // Another call is the probe just now.
  if (!isOk && answer.reason === 'left_alone') return false;
  await answerRunbook(rpc, runId, 'search', { is_ok: isOk });
  return true;
}

async function compare(
  { rpc, artifacts, log }: AskDeps,
  runId: string,
  { after, artifacts: rows }: Extract<RunbookAsk, { what: 'compare' }>,
  signal: AbortSignal,
): Promise<boolean> {
  const { wrong, missing } = await compareArtifacts(artifacts, rows, signal);
  for (const storageRef of wrong) log.error({ runId, storageRef }, 'a stored artifact does not match its checksum');
  for (const storageRef of missing) log.error({ runId, storageRef }, 'a stored artifact is gone');
  const last = rows.at(-1)?.artifactId ?? null;
  await answerRunbook(rpc, runId, 'compare', { after, last, checked: rows.length, wrong, missing });
  return true;
}
