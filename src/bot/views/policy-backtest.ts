import type { Backtest, BacktestItem } from '../../store/policy-changes.ts';
import { plural } from '../view.ts';
import { WEIGHT_MARKS } from './policy-words.ts';

/** How far back a policy is tried; `propose_policy` does the same. */
export const BACKTEST_DAYS = 30;

/** One thing that past tasks would have met, with the tasks that would have met it. */
export interface BacktestFinding {
  weight: 'looser' | 'stricter';
  text: string;
  taskIds: string[];
}

type Rule = [weight: BacktestFinding['weight'], say: (item: BacktestItem) => string | false];

const isPossible = ({ refusalBefore, refusalAfter }: BacktestItem) => refusalBefore === null && refusalAfter === null;
const roles = (slots: readonly string[]) => slots.map((slot) => `the ${slot}`).join(' and ');

/** What is said of a task; tasks of one kind of which the same is said are counted together. */
const RULES: readonly Rule[] = [
  ['looser', (item) => isPossible(item) && item.slotsLost.length > 0 && `would have skipped ${roles(item.slotsLost)}`],
  ['looser', (item) => isPossible(item) && item.dryRun === 'lost' && 'would have gone out without a dry run'],
  ['looser', (item) => isPossible(item) && item.own === 'gained' && 'could have been approved by whoever asked'],
  ['looser', (item) => item.critic === 'would_pass' && 'would have passed the critic, who held it back'],
  ['looser', ({ refusalBefore, refusalAfter }) => refusalBefore !== null && refusalAfter === null && 'would not have been refused'],
  ['looser', (item) => item.budget === 'within' && 'would have kept within the budget'],
  [
    'stricter',
    ({ refusalBefore, refusalAfter }) => refusalBefore === null && refusalAfter !== null && `would have been refused: ${refusalAfter}`,
  ],
  ['stricter', (item) => isPossible(item) && item.slotsGained.length > 0 && `would have needed ${roles(item.slotsGained)}`],
  ['stricter', (item) => isPossible(item) && item.dryRun === 'gained' && 'would have needed a dry run'],
  ['stricter', (item) => isPossible(item) && item.own === 'lost' && 'could no longer have been approved by whoever asked'],
  ['stricter', (item) => item.critic === 'would_fail' && 'would have been held back by the critic'],
  ['stricter', (item) => item.budget === 'over' && 'would have ended at the budget'],
];

const NOUNS: Readonly<Record<BacktestItem['kind'], string>> = {
  reply: 'answer',
  post: 'post',
  trade: 'trade',
  payment: 'payment',
  withdrawal: 'withdrawal',
};

/** "4 posts would have skipped the owner", with their ids; what loosens comes first. */
export function listFindings({ items }: Backtest): BacktestFinding[] {
  return RULES.flatMap(([weight, say]) => {
    const said = items.flatMap((item) => {
      const words = say(item);
      return words === false ? [] : [{ taskId: item.taskId, kind: item.kind, words }];
    });
    return [...Map.groupBy(said, ({ kind, words }) => `${kind} ${words}`).values()].flatMap((group) => {
      const first = group[0];
      if (first === undefined) return [];
      const text = `${plural(group.length, NOUNS[first.kind])} ${first.words}`;
      return [{ weight, text, taskIds: group.map(({ taskId }) => taskId) }];
    });
  });
}

/** Lines for people: how many tasks there were, and each finding with up to so many ids. */
export function describeBacktest(backtest: Backtest, maxIds: number): string[] {
  const { tasks, changed } = backtest;
  if (tasks === 0) return [`There were no tasks in the last ${BACKTEST_DAYS} days to try it on.`];
  const head = `Tried on the ${plural(tasks, 'task')} of the last ${BACKTEST_DAYS} days: ${changed === 0 ? 'nothing would have been different' : `${changed} would have been different`}.`;
  return [head, ...listFindings(backtest).map((finding) => describeFinding(finding, maxIds))];
}

function describeFinding({ weight, text, taskIds }: BacktestFinding, maxIds: number): string {
  const more = taskIds.length - maxIds;
  const ids = taskIds.slice(0, maxIds).join(', ');
  return `${WEIGHT_MARKS[weight]} ${text}: ${ids}${more > 0 ? ` and ${more} more` : ''}.`;
}
