import { MAX_POINTS } from '../../domain/critique.ts';
import type { TaskView } from '../../store/tasks.ts';
import { formatElapsed } from '../view.ts';
import { nameTool, STEP_MARKS } from './task-words.ts';
import { toErrorWords } from './why-words.ts';

type Step = TaskView['steps'][number];

/** More lines than this are a wall on a phone: what is over and what is far away is then told in one line each. */
const MAX_LINES = 14;

/** The plan as numbered lines with a mark each, in the order in which things happen. */
export function listSteps(task: TaskView, { maxLines = MAX_LINES }: { maxLines?: number } = {}): string[] {
  const numbered = task.steps.map((step, index) => ({
    step,
    number: index + 1,
    line: `${STEP_MARKS[step.status]} ${index + 1}. ${describeStep(step, task)}`,
  }));
  if (numbered.length <= maxLines) return numbered.map(({ line }) => line);
  const current = numbered.findIndex(({ step }) => !isOver(step));
  const first = Math.max(0, Math.min(current === -1 ? numbered.length : current - 2, numbered.length - maxLines + 2));
  const last = first + maxLines - 2;
  const before = first === 0 ? [] : [`✓ 1–${first} over`];
  const after = last >= numbered.length ? [] : [`○ ${last + 1}–${numbered.length} still to come`];
  return [...before, ...numbered.slice(first, last).map(({ line }) => line), ...after];
}

const isOver = ({ status }: Step): boolean => status === 'done' || status === 'skipped' || status === 'cancelled';

function describeStep(step: Step, task: TaskView): string {
  const details = [describeScore(step), describeTries(step), describeTime(step, task)].filter((detail) => detail !== null);
  return [nameStep(step, task), ...details].join(' · ');
}

function nameStep({ kind, agent, action, nodeId }: Step, { taskId, requests }: TaskView): string {
  switch (kind) {
    case 'plan':
      return 'plan';
    case 'critic':
      return 'critic';
    case 'archive':
      return 'archive';
    case 'approve': {
      const request = requests.findLast(({ stepId }) => stepId === `${taskId}/${nodeId}`);
      return request === undefined ? 'approval by people' : `approval ${request.reference}`;
    }
    default:
      return `${agent}: ${action.toLowerCase().replaceAll('_', ' ')}`;
  }
}

function describeScore({ verdict, qualityScore }: Step): string | null {
  if (verdict !== null) return `${verdict.points}/${MAX_POINTS}${verdict.hasVeto ? ' with a red flag' : ''}`;
  return qualityScore === null ? null : `${Math.round(qualityScore * MAX_POINTS)}/${MAX_POINTS}`;
}

function describeTries({ attemptCount, status }: Step): string | null {
  return attemptCount > 1 && (status === 'running' || status === 'ready') ? `try ${attemptCount}` : null;
}

function describeTime({ status, startedAt, errorCode, waitsFor }: Step, { now }: TaskView): string | null {
  if (typeof waitsFor === 'string') return `waits for ${nameTool(waitsFor)}`;
  if (errorCode !== null && status !== 'done') return toErrorWords(errorCode);
  if (status !== 'running' || startedAt === null) return null;
  return formatElapsed(Date.parse(now) - Date.parse(startedAt));
}
