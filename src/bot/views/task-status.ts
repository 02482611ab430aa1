import type { TaskView } from '../../store/tasks.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, expandableQuote, fmt, lines, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';
import { describeFigures, listEffects, listOpenRequests } from './task.ts';
import { listSteps } from './task-steps.ts';
import { describeEnd, describeState } from './task-words.ts';

const MAX_GOAL = 400;
const MAX_COMMENT = 300;

/** One task with everything behind it: who asked, the DAG, marks and scores, what is asked of whom, what it cost. */
export function makeTaskStatusView(task: TaskView, time: LocalTime): Rich {
  const now = new Date(task.now);
  const order = task.steps.filter(({ after }) => after.length > 0).map(({ nodeId, after }) => `${nodeId} ← ${after.join(', ')}`);
  return lines([
    fmt`${bold(task.taskId)} · ${describeState(task)}`,
    describeEnd(task),
    inLine(task.goal, MAX_GOAL),
    fmt`Asked by ${inLine(task.requester ?? task.actor, 60)}, ${time.formatBoth(task.createdAt, now)}`,
    `Tier ${task.tier ?? 'not known before the plan'}, policy ${task.policyVersion}`,
    task.summary !== null && `Plan: ${inLine(task.summary, 200)}`,
    '',
    ...listSteps(task, { maxLines: 30 }),
    '',
    ...task.requests.filter(({ status }) => status === 'pending').flatMap(listRequirements),
    ...listOpenRequests(task, time),
    ...listEffects(task),
    ...listComments(task),
    order.length > 0 && fmt`What comes after what:\n${expandableQuote(order.join('\n'))}`,
    task.isRehearsal && '🎭 Rehearsal: no AI took part.',
    describeFigures(task),
    fmt`Why: ${code(`/why ${task.taskId}`)}`,
  ]);
}

function listRequirements({ verdict }: TaskView['requests'][number]): string[] {
  return verdict.items.map(({ isMet, requirement, detail }) => `${isMet ? '✓' : '○'} ${requirement}: ${inLine(detail, 100)}`);
}

/** What the critic or a person asked to be changed, newest last. */
function listComments({ steps }: TaskView): Rich[] {
  const texts = steps.flatMap(({ comments }) => comments.map(({ text }) => text)).filter((text) => typeof text === 'string');
  const last = texts.at(-1);
  return last === undefined ? [] : [fmt`Asked to change: “${inLine(last, MAX_COMMENT)}”`];
}
