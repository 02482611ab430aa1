import { z } from 'zod';
import { MAX_PLAN_NODES, PlanNode } from '../domain/plan.ts';
import { AppError } from '../errors.ts';
import type { Agent, PlanVocabulary, Source } from './agent.ts';
import { checkPlan } from './check-plan.ts';
import { boundSources, makeMessages } from './context.ts';
import { toFacts } from './facts.ts';
import { explainPlanError, quoteName } from './plan-error.ts';
import type { Prompt } from './prompts.ts';

/** These run around a plan, never in one. */
const NOT_PLANNED: readonly string[] = ['planner', 'critic'];

/** The schema of one request: only the agents and actions of the policy in force can be named. */
export function makePlanSchema({ agents, actions }: PlanVocabulary) {
  return z.object({
    nodes: z
      .array(
        PlanNode.extend({
          agent: z.enum(agents, { error: ({ input }) => `there is no agent ${quoteName(input)} to plan with` }),
          action: z.enum(
            actions.map((action) => action.name),
            { error: ({ input }) => `the action ${quoteName(input)} is not allowed by the policy` },
          ),
        }),
      )
      .min(1, { error: 'it has no nodes' })
      .max(MAX_PLAN_NODES, {
        error: ({ input }) => `it has ${Array.isArray(input) ? input.length : 'too many'} nodes, at most ${MAX_PLAN_NODES} are allowed`,
      }),
    summary: z.string().max(500),
  });
}

/**
 * Turns a goal into a graph of steps. A proposal only: gates are added, and the tier is computed, by code that no model reaches. What the
 * task may do is fixed here, so the planner reads the requester's words and nothing else: of what others wrote it learns only that it is there.
 */
export function makePlanner(prompt: Prompt): Agent {
  const schemaFor = rememberSchemas();
  return async (input, tools) => {
    const vocabulary = { ...input.vocabulary, agents: input.vocabulary.agents.filter((name) => !NOT_PLANNED.includes(name)) };
    if (vocabulary.agents.length === 0 || vocabulary.actions.length === 0) {
      throw new AppError('plan_invalid', 'The policy names no agent or no action to plan with', { context: { taskId: input.taskId } });
    }
    const own = boundSources(input.sources.filter(({ origin }) => origin === 'requester'));
    const others = input.sources.filter(({ origin }) => origin !== 'requester');
    const asked = tools.engine.answer({
      agent: prompt.name,
      schemaName: prompt.schemaName,
      schema: schemaFor(vocabulary),
      messages: makeMessages(prompt, input, { frame: [...describeVocabulary(vocabulary), ...describeMaterial(others)], sources: own }),
      maxOutputTokens: 4000,
      check: (plan) => checkPlan(plan, vocabulary),
      facts: toFacts({ ...input, vocabulary }, own),
      signal: tools.signal,
    });
    const answer = await asked.catch((thrown: unknown) => {
      throw explainPlanError(thrown);
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

function describeVocabulary({ agents, absentAgents, actions }: PlanVocabulary): string[] {
  const absent = agents.filter((name) => absentAgents.includes(name));
  return [
    `Agents: ${agents.filter((name) => !absent.includes(name)).join(', ')}.`,
    ...(absent.length === 0 ? [] : [`Only for an act outside that is theirs, never to read or write: ${absent.join(', ')}.`]),
    `Actions: ${actions.map(({ name, tier }) => `${name} (${tier})`).join(', ')}.`,
  ];
}

/** How much of it there is, in the code's words: a name, too, is chosen by somebody. */
function describeMaterial(sources: readonly Source[]): string[] {
  const sizes = sources.map(({ text }) => `${text.length} characters`);
  return sizes.length === 0 ? [] : [`Sent along with the goal, for the agents of your steps to read: ${sizes.join('; ')}.`];
}
