import type { MessageRef } from '../domain/message.ts';
import { isEnded, type TaskStatus } from '../domain/status.ts';
import type { Face } from '../jobs/face.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { TaskView } from '../store/tasks.ts';
import { sendTaskMessage, type TaskMessageDeps } from './task-message.ts';
import type { View } from './view.ts';
import { makeEndNoticeView, makeTaskView } from './views/task.ts';

export interface TaskFaceDeps extends TaskMessageDeps {
  shortTerm: ShortTerm;
}

/** Whoever took the task is about to send its message: a worker that is faster than that waits for it. */
const ACKNOWLEDGEMENT_MS = 3_000;
const LOOK_AGAIN_MS = 300;
/** Ends that nobody should miss; an edit makes no sound. Whoever cancelled it themselves knows. */
const LOUD_ENDS: readonly TaskStatus[] = ['failed', 'rejected', 'expired', 'stale'];
const isLoud = ({ status, cancelledBy }: TaskView): boolean => LOUD_ENDS.includes(status) || cancelledBy !== null;
const REMEMBER_SECONDS = 48 * 60 * 60;

export type TaskFace = Pick<Face, 'drawTask'>;

/** Makes a task's one message say what its row says. */
export function makeTaskFace(deps: TaskFaceDeps): TaskFace {
  const { shortTerm, outbound, time } = deps;

  async function drawTask(task: TaskView, signal: AbortSignal): Promise<{ retryAfterMs: number }> {
    const { chatId, topicId, messageId } = task;
    if (chatId === null) return { retryAfterMs: 0 };
    const chat = { chatId, topicId };
    if (messageId === null && ageMs(task) < ACKNOWLEDGEMENT_MS) return { retryAfterMs: LOOK_AGAIN_MS };
    const shown =
      messageId === null
        ? await sendTaskMessage(task, chat, deps, { replyTo: task.requestMessageId, signal })
        : await redraw(task, { ...chat, messageId }, signal);
    if ('retryAfterMs' in shown) return shown;
    if (isLoud(task)) await noticeOnce(task, shown, signal);
    return { retryAfterMs: 0 };
  }

  /** The message that shows it, or how long to wait: while a task goes on, its line gives way to whatever else the chat needs. */
  async function redraw(task: TaskView, message: MessageRef, signal: AbortSignal): Promise<MessageRef | { retryAfterMs: number }> {
    const view = makeTaskView(task, time);
    const result = isEnded(task.status)
      ? { outcome: await outbound.edit(message, view, { signal }) }
      : await outbound.editProgress(message, view, { signal });
    if (result.outcome === 'later') return { retryAfterMs: result.retryAfterMs };
    return result.outcome === 'gone' ? replace(task, message, view, signal) : message;
  }

  /** Somebody deleted the message. The row keeps the first one; what took its place is remembered for as long as that matters. */
  async function replace(task: TaskView, { chatId, topicId }: MessageRef, view: View, signal: AbortSignal): Promise<MessageRef> {
    const key = `task-message:${task.taskId}`;
    const known = await shortTerm.get(key);
    if (typeof known === 'number') {
      const replacement = { chatId, topicId, messageId: known };
      if ((await outbound.edit(replacement, view, { signal })) !== 'gone') return replacement;
    }
    const sent = await outbound.send({ chatId, topicId }, view, { isSilent: true, signal });
    await shortTerm.put(key, sent.messageId, REMEMBER_SECONDS);
    return sent;
  }

  /** Noted before it is sent: twice would be worse than not at all, for the message itself says the same. */
  async function noticeOnce(task: TaskView, { chatId, topicId, messageId }: MessageRef, signal: AbortSignal): Promise<void> {
    const key = `task-end-notice:${task.taskId}`;
    if ((await shortTerm.get(key)) !== null) return;
    await shortTerm.put(key, true, REMEMBER_SECONDS);
    await outbound.send({ chatId, topicId }, makeEndNoticeView(task), { replyTo: messageId, signal });
  }

  return { drawTask };
}

const ageMs = ({ now, createdAt }: TaskView): number => Date.parse(now) - Date.parse(createdAt);
