import type { TaskView } from '../../store/tasks.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, expandableQuote, fmt, lines, type Rich } from '../view.ts';
import { describeOpenedGlass } from './break-glass.ts';
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
    `${task.tier === null ? 'Tier not known before the plan' : `Tier ${task.tier}`}, policy version ${task.policyVersion}`,
    task.isRehearsal && '🎭 Rehearsal: no AI took part.',
    '',
    ...listSteps(task, { maxLines: 30 }),
    '',
    ...listOpenRequests(task, time),
    ...task.requests.filter(({ status }) => status === 'pending').flatMap(listRequirements),
    ...listEffects(task),
    ...task.breakGlasses.map((glass) => describeOpenedGlass(glass, now, time)),
    ...listComments(task),
    task.summary !== null && `The planner: “${inLine(task.summary, 200)}”`,
    order.length > 0 && fmt`What comes after what:\n${expandableQuote(order.join('\n'))}`,
    describeFigures(task),
    fmt`Every decision: ${code(`/why ${task.taskId}`)}`,
  ]);
}

function listRequirements({ verdict }: TaskView['requests'][number]): string[] {
  return verdict.items.map(({ isMet, detail }) => `    ${isMet ? '✓' : '○'} ${inLine(detail, 100)}`);
}

/** What the critic or a person asked to be changed, newest last. */
function listComments({ steps }: TaskView): Rich[] {
  const texts = steps.flatMap(({ comments }) => comments.map(({ text }) => text)).filter((text) => typeof text === 'string');
  const last = texts.at(-1);
  return last === undefined ? [] : [fmt`Asked to change: “${inLine(last, MAX_COMMENT)}”`];
}
