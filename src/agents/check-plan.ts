import { findAction, listActions } from '../domain/actions.ts';
import { MAX_PLAN_NODES, type Plan, type PlanNode, RESERVED_NODE_IDS } from '../domain/plan.ts';
import type { PlanVocabulary } from './agent.ts';

/** What goes out to a channel, and what moves money: no text comes out of these. */
export const PUBLISHING_ACTIONS: readonly string[] = listActions('post');
const OUTWARD_ACTIONS: readonly string[] = listActions('post', 'trade', 'payment', 'withdrawal');
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
  return checkEnd(plan);
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
  // Its own act may be planned: the database says what is missing for that.
  if (vocabulary.absentAgents.includes(node.agent) && !OUTWARD_ACTIONS.includes(node.action)) {
    const present = vocabulary.agents.filter((name) => !vocabulary.absentAgents.includes(name));
    const others = findAction(node.action)?.agents.filter((name) => present.includes(name)) ?? present;
    problems.push(`Node "${node.id}": the agent "${node.agent}" is not installed here; ${node.action} is for ${others.join(', ')}.`);
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

function checkEnd(plan: Plan): string[] {
  const awaited = new Set(plan.nodes.flatMap((node) => node.after));
  const ends = plan.nodes.filter((node) => !awaited.has(node.id));
  const problems = plan.nodes.filter((node) => PUBLISHING_ACTIONS.includes(node.action)).flatMap((node) => checkPublishing(node, plan));
  const [end] = ends;
  if (end === undefined || ends.length > 1) {
    return [...problems, `The plan must end in one node; nothing follows ${ends.map((node) => `"${node.id}"`).join(' and ')}.`];
  }
  if (OUTWARD_ACTIONS.includes(end.action) || isWriting(end)) return problems;
  return [...problems, `The last node "${end.id}" must write the result: agent exec or communicator with an action such as DRAFT_REPLY.`];
}

function checkPublishing(node: PlanNode, plan: Plan): string[] {
  if (node.agent !== 'communicator') return [`Node "${node.id}": ${node.action} is for the communicator.`];
  const [draftId, ...others] = node.after;
  const draft = plan.nodes.find((other) => other.id === draftId);
  if (draft && others.length === 0 && isWriting(draft)) return [];
  return [`Node "${node.id}": "after" must name exactly the node of exec or communicator that writes the text to be published.`];
}

/** By the action, whatever its tier. One that a policy has added may write: whether anything here can do it is for the database to say. */
function isWriting({ agent, action }: PlanNode): boolean {
  return WRITING_AGENTS.includes(agent) && (findAction(action)?.kind ?? 'writing') === 'writing';
}
