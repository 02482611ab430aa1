import { listActions } from '../domain/actions.ts';
import { MAX_PLAN_NODES, type Plan, type PlanNode, RESERVED_NODE_IDS } from '../domain/plan.ts';
import type { PlanVocabulary } from './agent.ts';

/** What goes out to a channel, and what moves money: no text comes out of these. */
export const PUBLISHING_ACTIONS: readonly string[] = listActions('post');
const MONEY_ACTIONS: readonly string[] = listActions('trade', 'payment', 'withdrawal');
/** The agents whose result is a text for people. */
const WRITING_AGENTS: readonly string[] = ['exec', 'communicator'];

/**
 * What is wrong with a proposed plan, in sentences that a model or a person can act on; nothing when it can be run. The database checks it
 * again and adds the gates, so that nothing here protects anybody: it saves a task from failing later.
 */
export function checkPlan(plan: Plan, vocabulary: PlanVocabulary): string[] {
  if (plan.nodes.length === 0) return ['The plan has no nodes.'];
  if (plan.nodes.length > MAX_PLAN_NODES) return [`The plan has ${plan.nodes.length} nodes; ${MAX_PLAN_NODES} is the most.`];
  const names = [...checkIds(plan), ...plan.nodes.flatMap((node) => checkNames(node, vocabulary)), ...checkReferences(plan)];
  if (names.length > 0) return names;
  const cycle = findCycle(plan.nodes);
  if (cycle.length > 0) return [`These nodes wait for each other: ${cycle.join(', ')}.`];
  return checkEnd(plan, vocabulary);
}

function checkIds(plan: Plan): string[] {
  const ids = plan.nodes.map((node) => node.id);
  const repeated = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
  const reserved = new Set(ids.filter((id) => (RESERVED_NODE_IDS as readonly string[]).includes(id)));
  return [
    ...[...repeated].map((id) => `The node id "${id}" is used more than once.`),
    ...[...reserved].map((id) => `The node id "${id}" is reserved: that step is added by the orchestrator.`),
  ];
}

function checkNames(node: PlanNode, vocabulary: PlanVocabulary): string[] {
  const problems: string[] = [];
  if (!vocabulary.agents.includes(node.agent)) problems.push(`Node "${node.id}": there is no agent "${node.agent}" to plan with.`);
  if (!vocabulary.actions.some((action) => action.name === node.action)) {
    problems.push(`Node "${node.id}": the action "${node.action}" is not allowed by the policy.`);
  }
  return problems;
}

function checkReferences(plan: Plan): string[] {
  const ids = new Set(plan.nodes.map((node) => node.id));
  return plan.nodes.flatMap((node) =>
    node.after.flatMap((before) => {
      if (before === node.id) return [`Node "${node.id}" waits for itself.`];
      return ids.has(before) ? [] : [`Node "${node.id}" waits for "${before}", which is not in the plan.`];
    }),
  );
}

/** Takes away, again and again, what waits for nothing; what remains waits in a circle or behind one. */
function findCycle(nodes: readonly PlanNode[]): string[] {
  let waiting = [...nodes];
  for (;;) {
    const ids = new Set(waiting.map((node) => node.id));
    const next = waiting.filter((node) => node.after.some((before) => ids.has(before)));
    if (next.length === waiting.length) return waiting.map((node) => node.id);
    waiting = next;
  }
}

function checkEnd(plan: Plan, vocabulary: PlanVocabulary): string[] {
  const awaited = new Set(plan.nodes.flatMap((node) => node.after));
  const ends = plan.nodes.filter((node) => !awaited.has(node.id));
  const problems = plan.nodes
    .filter((node) => PUBLISHING_ACTIONS.includes(node.action))
    .flatMap((node) => checkPublishing(node, plan, vocabulary));
  const [end] = ends;
  if (end === undefined || ends.length > 1) {
    return [...problems, `The plan must end in one node; nothing follows ${ends.map((node) => `"${node.id}"`).join(' and ')}.`];
  }
  const isOutward = PUBLISHING_ACTIONS.includes(end.action) || MONEY_ACTIONS.includes(end.action);
  if (isOutward || isWriting(end, vocabulary)) return problems;
  return [...problems, `The last node "${end.id}" must write the result: agent exec or communicator with an action such as DRAFT_REPLY.`];
}

function checkPublishing(node: PlanNode, plan: Plan, vocabulary: PlanVocabulary): string[] {
  if (node.agent !== 'communicator') return [`Node "${node.id}": ${node.action} is for the communicator.`];
  const [draftId, ...others] = node.after;
  const draft = plan.nodes.find((other) => other.id === draftId);
  if (draft && others.length === 0 && isWriting(draft, vocabulary)) return [];
  return [`Node "${node.id}": "after" must name exactly the node of exec or communicator that writes the text to be published.`];
}

/** A text for people is at least T1: a T0 action only reads. */
function isWriting(node: PlanNode, vocabulary: PlanVocabulary): boolean {
  const tier = vocabulary.actions.find((action) => action.name === node.action)?.tier;
  const isOutward = PUBLISHING_ACTIONS.includes(node.action) || MONEY_ACTIONS.includes(node.action);
  return WRITING_AGENTS.includes(node.agent) && tier !== undefined && tier !== 'T0' && !isOutward;
}
