import { performance } from 'node:perf_hooks';
import { TELEGRAM } from '../../effects/guard-messenger.ts';
import { AppError, toAppError } from '../../errors.ts';
import { makeRecall } from '../../memory/recall.ts';
import { redactPersonalData } from '../../policy/guards/pii.ts';
import type { Delivery } from '../../store/delivery.ts';
import { callPatiently } from '../../store/patiently.ts';
import { claimStep, failStep, type Held, type Holder, releaseStep, type Work, waitStep } from '../../store/steps.ts';
import { withSpan } from '../../telemetry/trace.ts';
import type { JobDeps } from '../deps.ts';
import { LEASE_SECONDS, withLease } from '../lease.ts';
import { loadAttachedTexts } from './attachments.ts';
import { makeStepBudget } from './budget.ts';
import { runArchive } from './run-archive.ts';
import { runCritic } from './run-critic.ts';
import { runEffect } from './run-effect.ts';
import { runPlan } from './run-plan.ts';
import { runWork } from './run-work.ts';
import { loadTaskInput, prepareInput } from './step-input.ts';
import type { StepRun } from './step-run.ts';
import { toTelegramWaitMs } from './telegram-wait.ts';

interface Outcome {
  next: Work | null;
  deliver: Delivery[];
}

const RUNNERS: Record<Exclude<Work['step']['kind'], 'approve'>, (run: StepRun) => Promise<Outcome>> = {
  plan: runPlan,
  work: runWork,
  critic: runCritic,
  effect: runEffect,
  archive: runArchive,
};

/** A step that the database had no answer for is taken up again after a while of at most this long. */
const UNAVAILABLE_RETRY_MS = 5_000;
/** After a breaker's time is over, those that waited for it come back spread over this. */
const SPREAD_MS = 2_000;
/** How long it is waited for to hand a step back; then the lease runs out. */
const RELEASE_PATIENCE_MS = 40_000;

/**
 * Claims a step and runs it, then whatever the database hands over next: a chain without a gate or a branch stays in one job. Every end
 * of a step is one call that also says what else has to be nudged.
 */
export async function runSteps(deps: JobDeps, stepId: string, signal: AbortSignal): Promise<void> {
  const holder: Holder = { worker: deps.worker, leaseSeconds: LEASE_SECONDS };
  let work = await claimStep(deps.rpc, stepId, holder);
  let nudged = Promise.resolve();
  while (work !== null) {
    // The nudges for others go out while this worker is at the next step.
    const outcome: Outcome = await runOne(deps, work, signal.aborted ? null : holder, signal);
    await nudged;
    nudged = deps.deliver(outcome.deliver);
    work = outcome.next;
  }
  await nudged;
}

async function runOne(deps: JobDeps, work: Work, holder: Holder | null, signal: AbortSignal): Promise<Outcome> {
  const { step } = work;
  const log = deps.log.child({ taskId: step.taskId, stepId: step.stepId });
  const startedAt = performance.now();
  const budget = makeStepBudget(deps.rpc, step);
  const attributes = { task_id: step.taskId, step_id: step.stepId, agent: step.agentName };
  try {
    const outcome = await withSpan(`step ${step.kind}`, attributes, () =>
      withLease({ rpc: deps.rpc, log }, step, signal, (leased) =>
        RUNNERS[toRunnable(work)](makeRun({ ...deps, log }, { work, budget, holder, signal: leased })),
      ),
    );
    deps.metrics.steps.inc({ agent: step.agent, outcome: 'done' });
    log.info({ agent: step.agentName, durationMs: Math.round(performance.now() - startedAt) }, 'step ended');
    return outcome;
  } catch (thrown) {
    await budget.settleAll().catch((err: unknown) => log.warn({ err }, 'model calls stay reserved'));
    return endFailed({ ...deps, log }, work, isHung(work, signal) ? toTooLong(thrown) : toAppError(thrown), signal);
  } finally {
    deps.metrics.stepSeconds.observe({ agent: step.agent }, (performance.now() - startedAt) / 1000);
  }
}

function toRunnable({ step }: Work): keyof typeof RUNNERS {
  if (step.kind === 'approve')
    throw new AppError('internal', 'people decide approvals; a worker cannot', { context: { stepId: step.stepId } });
  return step.kind;
}

function makeRun(deps: JobDeps, given: Omit<StepRun, 'deps' | 'prepare' | 'ask'>): StepRun {
  const { work, budget, signal } = given;
  const held = { stepId: work.step.stepId, fence: work.step.fence };
  return {
    ...given,
    deps,
    async prepare() {
      const { policy } = await deps.loadPolicy(work.task.policyVersion);
      const given = await loadTaskInput(work, deps.artifacts, signal);
      const attached = await loadAttachedTexts(deps, given, signal);
      return prepareInput(work, { artifacts: deps.artifacts, policy, isInstalled: (agent) => deps.agents.has(agent), attached }, signal);
    },
    async ask(name, input) {
      const agent = deps.agents.get(name);
      if (agent === undefined) throw new AppError('plan_invalid', `no agent ${name} is installed`, { context: { ...held } });
      const { engineFor } = await deps.loadPolicy(work.task.policyVersion);
      return agent(input, { engine: engineFor(budget), recall: makeRecall(deps, held), signal });
    },
  };
}

/**
 * The job's own time is over: that is a failure of the step, and counts as one, or what always hangs would come again for ever. Of an effect
 * the rows know what has left: it is handed back.
 */
const isHung = ({ step }: Work, { reason }: AbortSignal): boolean =>
  step.kind !== 'effect' && reason instanceof DOMException && reason.name === 'TimeoutError';

const toTooLong = (cause: unknown): AppError => new AppError('agent_failed', 'The step took longer than a job may', { cause });

/** Logged once, here. Interrupted work is handed back untouched; a lost lease is somebody else's step by now. */
async function endFailed(deps: JobDeps, work: Work, err: AppError, signal: AbortSignal): Promise<Outcome> {
  const { step } = work;
  const held = { stepId: step.stepId, fence: step.fence };
  if (err.code === 'lease_lost' || err.context.code === 'lease_lost') {
    deps.log.warn({ err }, 'step lost to another worker');
    return { next: null, deliver: [] };
  }
  if (signal.aborted && !isHung(work, signal)) {
    deps.log.info('step handed back');
    return { next: null, ...(await releaseStep(deps.rpc, held, 0)) };
  }
  if (err.code === 'store_unavailable') {
    // It says nothing about the step, and what may have left is in the rows: whoever takes it up finds out how far it came.
    deps.log.warn({ err }, 'step handed back, the database did not answer');
    return { next: null, ...(await releasePatiently(deps, held, signal)) };
  }
  if (err.code === 'rate_limited' && typeof err.context.retryAfterMs === 'number') {
    deps.log.warn({ err }, 'step waits for a rate limit');
    return { next: null, ...(await releaseStep(deps.rpc, held, err.context.retryAfterMs)) };
  }
  const forTelegram = toTelegramWaitMs(err, step);
  if (forTelegram !== null) {
    deps.log.warn({ err }, 'step waits for telegram');
    return { next: null, ...(await waitStep(deps.rpc, held, { waitsFor: TELEGRAM, delayMs: forTelegram })) };
  }
  const { breaker, retryAfterMs } = err.context;
  if (typeof breaker === 'string' && typeof retryAfterMs === 'number' && step.kind !== 'effect') {
    deps.log.warn({ err }, 'step waits for a tool that is left alone');
    const delayMs = Math.ceil(retryAfterMs + 1 + Math.random() * SPREAD_MS);
    return { next: null, ...(await waitStep(deps.rpc, held, { waitsFor: breaker, delayMs })) };
  }
  deps.metrics.steps.inc({ agent: step.agent, outcome: 'failed' });
  deps.log.error({ err }, 'step failed');
  // An effect is never tried again because something unexpected happened: its row decides, by what is known to have left.
  const isRetryable = err.retry === 'later' && step.kind !== 'effect';
  // The message may quote what a model wrote.
  const message = redactPersonalData(err.message);
  const failed = await failStep(deps.rpc, { ...held, code: err.code, message, isRetryable }).catch(toNothingIfLost);
  return { next: null, deliver: failed.deliver };
}

async function releasePatiently({ rpc }: JobDeps, held: Held, signal: AbortSignal): Promise<{ deliver: Delivery[] }> {
  const release = () => releaseStep(rpc, held, Math.ceil(Math.random() * UNAVAILABLE_RETRY_MS));
  return callPatiently(release, { patienceMs: RELEASE_PATIENCE_MS, signal }).catch(toNothingIfLost);
}

/** Somebody else's step by now, or handed back by a call whose answer did not come. */
function toNothingIfLost(thrown: unknown): { deliver: Delivery[] } {
  const failure = toAppError(thrown);
  if (failure.code !== 'lease_lost') throw failure;
  return { deliver: [] };
}
