import type { Message } from 'grammy/types';
import { cleanText } from '../agents/clean-text.ts';
import type { ChatRef } from '../domain/message.ts';
import type { TaskInput } from '../domain/task-input.ts';
import { AppError } from '../errors.ts';
import { maskPersonalData } from '../policy/guards/pii.ts';
import { toLimitWords } from '../store/rates.ts';
import { createTask, type TaskView } from '../store/tasks.ts';
import { tryAll, tryDeliver } from './best-effort.ts';
import type { CommandDeps } from './deps.ts';
import { readTaskContext, type TaskContext } from './task-context.ts';
import { sendTaskMessage } from './task-message.ts';
import { formatElapsed } from './view.ts';

export interface TaskRequest {
  goal: string;
  /** The message that says the goal, and by whose update the request is known. */
  message: Message;
  /** The message that brings the context along: the command's own. */
  source: Message;
  updateId: number;
  externalId: number;
  chat: ChatRef;
  signal: AbortSignal;
}

export const MAX_GOAL = 4000;

/** Why a text cannot be a goal, for the person who wrote it; null when it can. */
export function findGoalProblem(goal: string): string | null {
  const length = [...goal].length;
  if (length > MAX_GOAL)
    return `The goal has ${length} characters, and I take up to ${MAX_GOAL}. Say what you want in short, and attach the rest as a text file.`;
  if (cleanText(goal).trim() === '') return 'There is nothing to see in that goal: it has only characters that nobody sees. Write it anew.';
  if (/^\/[a-z]/i.test(goal))
    return 'That goal is itself a command, so I took neither. Send the command by itself, or word the goal without the slash.';
  return null;
}

/**
 * Takes a task: the row first, then its message, and the nudge at the same time. Given the same update again it creates nothing, and
 * sends the message only when none is known. Answers with what stands against it, for the person who asked.
 */
export async function giveTask(request: TaskRequest, deps: CommandDeps): Promise<{ problem: string } | null> {
  const goalProblem = findGoalProblem(request.goal);
  if (goalProblem !== null) return { problem: goalProblem };
  const context = readTaskContext(request.source);
  if ('problem' in context) return context;
  const masked = maskPersonalData(request.goal);
  // Placeholders may be longer than what they stand for.
  if ([...masked.text].length > MAX_GOAL)
    return { problem: `The goal is longer than ${MAX_GOAL} characters once personal data is masked. Shorten it.` };
  const input = { goal: request.goal, vault: masked.vault, ...context };
  const created = await create(request, masked.text, input, deps).catch((thrown: unknown) => ({ problem: toProblem(thrown, deps) }));
  if ('problem' in created) return created;
  if (created.task.messageId !== null) return null;
  await tryAll(deps.log, [tryDeliver(deps, created.deliver), acknowledge(created.task, request, deps)]);
  return null;
}

/** How much waits, or which limit is used up and when it is free again, in the words and the time of people. Throws whatever else it was. */
function toProblem(thrown: unknown, { clock, time }: CommandDeps): string {
  if (thrown instanceof AppError && thrown.code === 'overloaded') {
    const { waiting, waitSeconds } = thrown.context;
    const about = typeof waitSeconds === 'number' ? `, about ${formatElapsed(waitSeconds * 1000)} of work` : '';
    return `${waiting} tasks wait already${about}, so I do not take this one. Send it again later; approvals and /stop work as ever.`;
  }
  if (!(thrown instanceof AppError) || thrown.code !== 'rate_limited') throw thrown;
  const { limit, max, freeAt } = thrown.context;
  const until = time.formatBoth(String(freeAt), clock());
  return `That is one too many: ${toLimitWords(String(limit))}, ${max} at most. Free again at ${until}; /limits shows all of them.`;
}

async function create(request: TaskRequest, goal: string, input: TaskInput & TaskContext, { rpc, artifacts }: CommandDeps) {
  const { updateId, externalId, chat, message, signal } = request;
  const content = { name: 'input.json', type: 'input', contentType: 'application/json', bytes: JSON.stringify(input) } as const;
  // The task has no id yet: what is too large for a row is kept under the request's.
  const artifact = await artifacts.prepare({ taskId: `request-${updateId}`, ...content }, signal);
  return createTask(rpc, {
    source: 'telegram',
    sourceKey: String(updateId),
    actor: `tg:${externalId}`,
    externalId,
    goal,
    input: artifact,
    chatId: chat.chatId,
    topicId: chat.topicId,
    requestMessageId: message.message_id,
  });
}

/** The task's one message, which is edited from now on. */
async function acknowledge(task: TaskView, { chat, message, signal }: TaskRequest, deps: CommandDeps): Promise<void> {
  await sendTaskMessage(task, chat, deps, { replyTo: message.message_id, signal });
}
