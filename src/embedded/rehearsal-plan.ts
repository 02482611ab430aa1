import { PUBLISHING_ACTIONS } from '../agents/check-plan.ts';
import type { AgentFacts } from '../agents/facts.ts';
import type { Plan, PlanNode } from '../domain/plan.ts';
import { highestTier } from '../domain/tier.ts';
import { AppError } from '../errors.ts';
import { findMoneyAction, type MoneyAction } from './rehearsal-money.ts';
import { BANNER } from './rehearsal-wording.ts';

const ASKS_TO_PUBLISH = /\b(?:post|posts|publish|announce|announcement|broadcast|channel)\b/i;
/** What each step would like to do, the best first; the first that the policy knows is taken. */
const READING = ['RETRIEVE', 'READ', 'RESEARCH'];
const RESEARCHING = ['RESEARCH', 'READ', 'RETRIEVE'];
const WRITING = ['DRAFT_REPLY', 'SUMMARIZE'];
const SUMMARIZING = ['SUMMARIZE', 'DRAFT_REPLY'];

/** Who moves money, and what it is called. */
const MOVES_MONEY: Readonly<Record<MoneyAction, { agent: string; instruction: string }>> = {
  TRADE: { agent: 'trader', instruction: 'Carry out the trade that the goal asks for.' },
  PAYMENT: { agent: 'exec', instruction: 'Make the payment that the goal asks for.' },
  WITHDRAWAL: { agent: 'exec', instruction: 'Make the withdrawal that the goal asks for.' },
};

type Vocabulary = AgentFacts['vocabulary'];

/**
 * A goal that orders an act with money is that act and nothing else: whether it can be done, and who must agree, is not for the plan to say.
 * Otherwise retrieve, research, write and, when the goal asks for it, publish: cut down to the agents and actions that the policy has.
 */
export function rehearsePlan({ goal, vocabulary }: AgentFacts): Plan {
  const money = findMoneyAction(goal);
  if (money !== null) return planMoney(money, vocabulary);
  const nodes: PlanNode[] = [];
  const add = (id: string, agent: string, action: string | undefined, instruction: string): void => {
    if (action === undefined || !vocabulary.agents.includes(agent)) return;
    nodes.push({ id, agent, action, after: nodes.map((node) => node.id), instruction });
  };
  add('retrieve', 'retriever', findAction(vocabulary, READING), 'Collect what was sent along and what earlier tasks left behind.');
  add('research', 'researcher', findAction(vocabulary, RESEARCHING), 'Pick out what the material says about the goal.');
  const writer = vocabulary.agents.includes('exec') ? 'exec' : 'communicator';
  const wanted = /\bsummar/i.test(goal) ? SUMMARIZING : WRITING;
  add('act', writer, findAction(vocabulary, wanted) ?? findActionOfTier(vocabulary), 'Write the text that the goal asks for.');
  if (!nodes.some((node) => node.id === 'act'))
    throw new AppError('plan_invalid', 'The policy has no agent or action that could write a text');
  const publishing = ASKS_TO_PUBLISH.test(goal) ? findAction(vocabulary, PUBLISHING_ACTIONS) : undefined;
  if (publishing !== undefined && vocabulary.agents.includes('communicator')) {
    nodes.push({
      id: 'publish',
      agent: 'communicator',
      action: publishing,
      after: ['act'],
      instruction: 'Give the text its form for the channel.',
    });
  }
  return { nodes, summary: summarize(nodes, vocabulary) };
}

function planMoney(action: MoneyAction, vocabulary: Vocabulary): Plan {
  const { agent, instruction } = MOVES_MONEY[action];
  if (!vocabulary.agents.includes(agent) || findAction(vocabulary, [action]) === undefined) {
    throw new AppError('plan_invalid', `The goal asks for ${action}, and the policy gives no agent this action`);
  }
  const nodes: PlanNode[] = [{ id: 'act', agent, action, after: [], instruction }];
  return { nodes, summary: summarize(nodes, vocabulary) };
}

function findAction(vocabulary: Vocabulary, wanted: readonly string[]): string | undefined {
  return wanted.find((name) => vocabulary.actions.some((action) => action.name === name));
}

function findActionOfTier({ actions }: Vocabulary): string | undefined {
  return actions.find((action) => action.tier === 'T1' && action.name !== 'WRITE_DB')?.name;
}

function summarize(nodes: readonly PlanNode[], { actions }: Vocabulary): string {
  const tier = highestTier(actions.filter(({ name }) => nodes.some((node) => node.action === name)).map((action) => action.tier));
  return `${BANNER} ${nodes.map((node) => node.id).join(', then ')} (${tier}), chosen by keywords of the goal.`;
}
