import { z } from 'zod';
import { MAX_PLAN_NODES, PlanNode } from '../domain/plan.ts';
import { AppError } from '../errors.ts';
import type { Agent, PlanVocabulary } from './agent.ts';
import { checkPlan } from './check-plan.ts';
import { boundSources, makeMessages } from './context.ts';
import { toFacts } from './facts.ts';
import type { Prompt } from './prompts.ts';

/** These run around a plan, never in one. */
const NOT_PLANNED: readonly string[] = ['planner', 'critic'];

/** The schema of one request: only the agents and actions of the policy in force can be named. */
export function makePlanSchema({ agents, actions }: PlanVocabulary) {
  return z.object({
    nodes: z
      .array(PlanNode.extend({ agent: z.enum(agents), action: z.enum(actions.map((action) => action.name)) }))
      .min(1)
      .max(MAX_PLAN_NODES),
    summary: z.string().max(500),
  });
}

/** Turns a goal into a graph of steps. A proposal only: gates are added, and the tier is computed, by code that no model reaches. */
export function makePlanner(prompt: Prompt): Agent {
  const schemaFor = rememberSchemas();
  return async (input, tools) => {
    const vocabulary = { ...input.vocabulary, agents: input.vocabulary.agents.filter((name) => !NOT_PLANNED.includes(name)) };
    if (vocabulary.agents.length === 0 || vocabulary.actions.length === 0) {
      throw new AppError('plan_invalid', 'The policy names no agent or no action to plan with', { context: { taskId: input.taskId } });
    }
    const sources = boundSources(input.sources);
    const answer = await tools.engine.answer({
      agent: prompt.name,
      schemaName: prompt.schemaName,
      schema: schemaFor(vocabulary),
      messages: makeMessages(prompt, input, { frame: describeVocabulary(vocabulary), sources }),
      maxOutputTokens: 4000,
      check: (plan) => checkPlan(plan, vocabulary),
      facts: toFacts({ ...input, vocabulary }, sources),
      signal: tools.signal,
    });
    return { proposal: { kind: 'plan', plan: answer.value }, isRehearsal: answer.isRehearsal };
  };
}

/** A vocabulary is that of a policy version, of which there are few; making its schema costs more than using it. */
function rememberSchemas(): typeof makePlanSchema {
  const known = new Map<string, ReturnType<typeof makePlanSchema>>();
  return (vocabulary) => {
    const key = JSON.stringify([vocabulary.agents, vocabulary.actions.map(({ name }) => name)]);
    const schema = known.get(key) ?? makePlanSchema(vocabulary);
    known.set(key, schema);
    return schema;
  };
}

function describeVocabulary({ agents, actions }: PlanVocabulary): string[] {
  return [`Agents: ${agents.join(', ')}.`, `Actions: ${actions.map(({ name, tier }) => `${name} (${tier})`).join(', ')}.`];
}
