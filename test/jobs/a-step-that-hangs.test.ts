import { afterAll, expect, test } from 'vitest';
import type { JobDeps } from '../../src/jobs/deps.ts';
import { runSteps } from '../../src/jobs/steps/run-step.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { makeMetrics } from '../../src/telemetry/metrics.ts';
import { openStory, startTask } from '../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());

/** A worker whose steps wait for something that never comes, until they are told to end. */
function hangingWorker(signal: AbortSignal): JobDeps {
  const deps: Partial<JobDeps> = {
    rpc: db.rpc('ags_worker'),
    worker: 'worker-that-hangs',
    loadPolicy: () => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
    deliver: () => Promise.resolve(),
    log: makeLogger({ level: 'silent' }),
    metrics: makeMetrics({ hasProcessMetrics: false }),
  };
  // A step that waits for its policy needs nothing else.
  return deps as JobDeps;
}

async function runPlanning(signal: AbortSignal) {
  const taskId = await startTask(db);
  await runSteps(hangingWorker(signal), `${taskId}/plan`, signal);
  const [step] = await db.sql('select status, attempt_count, error_code from public.task_steps where task_id = $1', [taskId]);
  return step;
}

test('when the time of its job is over it counts as a try, or it would come again for ever', async () => {
  expect(await runPlanning(AbortSignal.timeout(50))).toEqual({ status: 'ready', attempt_count: 1, error_code: 'agent_failed' });
});

test('when the process ends it is handed back, and no try is used up', async () => {
  const ending = new AbortController();
  setTimeout(() => ending.abort(), 50);
  expect(await runPlanning(ending.signal)).toEqual({ status: 'ready', attempt_count: 0, error_code: null });
});
