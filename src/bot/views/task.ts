import { isEnded } from '../../domain/status.ts';
import type { TaskView } from '../../store/tasks.ts';
import type { LocalTime } from '../local-time.ts';
import {
  bold,
  code,
  type Fragment,
  fmt,
  formatElapsed,
  formatTokens,
  formatUsd,
  italic,
  join,
  lines,
  link,
  plural,
  type Rich,
  toView,
  type View,
} from '../view.ts';
import { toMessageUrl } from './message-link.ts';
import { inLine } from './quoted.ts';
import { listSteps } from './task-steps.ts';
import { describeEnd, describeState } from './task-words.ts';

const MAX_GOAL = 120;

/** The one message that shows how a task goes. Made to be read on a phone at night: the state first, then the plan, then what is needed. */
export function makeTaskView(task: TaskView, time: LocalTime): View {
  return toView(
    lines([
      fmt`${bold(task.taskId)} · ${inLine(task.goal, MAX_GOAL)}`,
      bold(describeState(task)),
      describeEnd(task),
      '',
      ...listSteps(task),
      '',
      ...listOpenRequests(task, time),
      ...listEffects(task),
      task.isRehearsal && '🎭 Rehearsal: no AI took part.',
      italic(describeFigures(task)),
    ]),
  );
}

type Request = TaskView['requests'][number];

/** What people are waited for: the reference, the slots that are open, and until when. */
export function listOpenRequests({ requests, now }: TaskView, time: LocalTime): Rich[] {
  return requests.filter(isOpen).map((request) => {
    const until = request.expiresAt === null ? '' : `, until ${time.formatBoth(request.expiresAt, new Date(now))}`;
    return fmt`⏸ ${code(request.reference)}: ${describeMissing(request)}${until}`;
  });
}

const isOpen = ({ status }: Request): boolean => status === 'pending' || status === 'staging';

function describeMissing({ status, verdict }: Request): string {
  if (status === 'staging') return 'is being shown in the admin group';
  const unmet = verdict.items.filter(({ isMet }) => !isMet);
  const people = unmet.filter(({ isByPeople }) => isByPeople).map(({ requirement }) => requirement.replace(/_approval$/, ''));
  const rest = unmet.filter(({ isByPeople }) => !isByPeople).map(({ detail }) => inLine(detail, 80));
  const needed = people.length === 0 ? [] : [`waits for ${people.join(' and ')}`];
  return [...needed, ...rest].join('; ') || 'everything is met';
}

/** What was let out and what became of it, with the way to it where it has one. */
export function listEffects({ effects }: TaskView): Rich[] {
  return effects.flatMap((effect) => {
    // What certainly never left is nobody's concern: it is tried again, or the task's end says why not.
    if (effect.status === 'void') return [];
    const word = EFFECT_WORDS[effect.status];
    const sent = effect.attempts
      .filter(({ status, messageId }) => status === 'done' && messageId !== null)
      .toSorted((a, b) => a.part - b.part);
    const urls = sent.flatMap(({ chatId, messageId }) =>
      chatId === null || messageId === null ? [] : (toMessageUrl({ chatId, messageId }) ?? []),
    );
    const first = urls[0];
    const kind = effect.kind === 'reply' ? 'answer' : effect.kind;
    const parts = effect.partCount > 1 ? ` (${sent.length} of ${plural(effect.partCount, 'message')})` : '';
    return [fmt`${word.mark} ${first === undefined ? kind : link(kind, first)} ${word.text}${parts}`];
  });
}

const EFFECT_WORDS: Record<Exclude<TaskView['effects'][number]['status'], 'void'>, { mark: string; text: string }> = {
  granted: { mark: '📤', text: 'is being sent' },
  done: { mark: '📬', text: 'sent' },
  failed: { mark: '✗', text: 'was not sent' },
  in_doubt: { mark: '❓', text: 'may have been sent; people are asked' },
};

/** Elapsed time, tokens, cost, tier, revisions: what somebody asks who wonders about it. */
export function describeFigures({ createdAt, endedAt, now, tokensUsed, costUsd, tier, revisionCount, status }: TaskView): Fragment {
  const elapsed = formatElapsed(Date.parse(endedAt ?? now) - Date.parse(createdAt));
  return join(
    [
      isEnded(status) ? `took ${elapsed}` : `${elapsed} so far`,
      ...(tier === null ? [] : [tier]),
      ...(tokensUsed === 0 ? [] : [formatTokens(tokensUsed), formatUsd(costUsd)]),
      ...(revisionCount === 0 ? [] : [plural(revisionCount, 'revision')]),
    ],
    ' · ',
  );
}

/** A short new message for an end that nobody should miss: an edit makes no sound. */
export function makeEndNoticeView(task: TaskView): View {
  return toView(lines([fmt`${bold(task.taskId)} ${describeState(task)}`, describeEnd(task)]));
}
