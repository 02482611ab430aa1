import { isEnded, type TaskStatus } from '../../domain/status.ts';
import type { TaskLine } from '../../store/tasks.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, fmt, lines, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';
import { TASK_WORDS } from './task-words.ts';

const MAX_GOAL = 60;

export function makeTaskListView(
  tasks: readonly TaskLine[],
  { status, limit, time, now }: { status: TaskStatus | null; limit: number; time: LocalTime; now: Date },
): Rich {
  const which = status === null ? 'tasks' : `tasks with the status ${status}`;
  if (tasks.length === 0) return fmt`There are no ${which}. Give one with ${code('/task')} and the goal.`;
  const title = tasks.length < limit ? countAll(tasks.length, status) : `The ${limit} newest ${which}`;
  return lines([bold(title), '', ...tasks.flatMap((task) => toLines(task, time, now)), '', fmt`More about one: ${code('/status TASK')}`]);
}

function countAll(count: number, status: TaskStatus | null): string {
  const number = count === 1 ? 'One task' : `${count} tasks`;
  return status === null ? `${number} so far` : `${number} with the status ${status}`;
}

function toLines(task: TaskLine, time: LocalTime, now: Date): Rich[] {
  const when =
    isEnded(task.status) && task.endedAt !== null ? `ended ${time.format(task.endedAt, now)}` : `since ${time.format(task.createdAt, now)}`;
  const reference = task.reference === null ? '' : fmt` · ${code(task.reference)}`;
  return [fmt`${code(task.taskId)} ${TASK_WORDS[task.status]}${reference} · ${when}`, fmt`    ${inLine(task.goal, MAX_GOAL)}`];
}
