import type { AgentResult, StepInput } from '../../agents/agent.ts';
import type { Holder, Work } from '../../store/steps.ts';
import type { JobDeps } from '../deps.ts';
import type { StepBudget } from './budget.ts';
import type { PreparedInput } from './step-input.ts';

/** One claimed step on its way: what every kind of step is run with. */
export interface StepRun {
  deps: JobDeps;
  work: Work;
  /** What the step's agents spend on models. */
  budget: StepBudget;
  /** Who goes on with the next step, if there is exactly one; null while draining. */
  holder: Holder | null;
  /** The masked input, with attached files fetched. */
  prepare(): Promise<PreparedInput>;
  /** Asks an agent by its name in the policy. */
  ask(agent: string, input: StepInput): Promise<AgentResult>;
  signal: AbortSignal;
}
