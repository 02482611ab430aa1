import { AgentFacts } from '../agents/facts.ts';
import type { Engine, EngineAnswer, EngineRequest } from '../engines/engine.ts';
import { AppError } from '../errors.ts';
import { rehearseCritique } from './rehearsal-critique.ts';
import { rehearseDraft, rehearseFindings } from './rehearsal-draft.ts';
import { rehearsePlan } from './rehearsal-plan.ts';

export const REHEARSAL_ENGINE = 'rehearsal';

/** One rule-based answer per schema of the agents. */
const ANSWERS: Record<string, (facts: AgentFacts) => unknown> = {
  plan: rehearsePlan,
  findings: rehearseFindings,
  draft: rehearseDraft,
  critique: rehearseCritique,
};

/**
 * Answers the agents' questions without any AI: rules over the facts of the request. The same facts give the same answer, every text says
 * that it is a rehearsal, and nothing is spent. Its answers pass the same schema and checks as a model's.
 */
export function makeRehearsalEngine(): Engine {
  return { answer: async (request) => answerByRules(request) };
}

function answerByRules<T>(request: EngineRequest<T>): EngineAnswer<T> {
  if (request.signal.aborted) throw new AppError('aborted', undefined, { cause: request.signal.reason });
  const rule = ANSWERS[request.schemaName];
  if (!rule) throw new AppError('engine_rejected', `The rehearsal has no rule for the schema "${request.schemaName}"`);
  const facts = AgentFacts.safeParse(request.facts);
  if (!facts.success)
    throw new AppError('engine_rejected', 'The request carries no facts that rules could work on', { cause: facts.error });
  const value = request.schema.safeParse(rule(facts.data));
  const problems = value.success ? (request.check?.(value.data) ?? []) : value.error.issues.map((issue) => issue.message);
  if (!value.success || problems.length > 0) {
    throw new AppError('output_invalid', 'No rule of the rehearsal gives an acceptable answer', {
      context: { agent: request.agent, problems },
    });
  }
  const usage = { engine: REHEARSAL_ENGINE, model: 'rules', inputTokens: 0, outputTokens: 0, costUsd: '0', latencyMs: 0 };
  return { value: value.data, usage: [usage], engine: REHEARSAL_ENGINE, model: 'rules', isRehearsal: true };
}
