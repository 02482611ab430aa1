import type { ChatRef, MessageRef } from '../domain/message.ts';
import type { Rpc } from '../store/rpc.ts';
import { recordTaskMessage, type TaskView } from '../store/tasks.ts';
import type { LocalTime } from './local-time.ts';
import type { Outbound } from './outbound.ts';
import { makeTaskView } from './views/task.ts';

export interface TaskMessageDeps {
  /** As `ags_bot` or `ags_worker`. */
  rpc: Rpc;
  outbound: Outbound;
  time: LocalTime;
}

export interface TaskMessageOptions {
  /** The message that asked for the task. */
  replyTo: number | null;
  signal: AbortSignal;
}

/**
 * Sends the one message that shows a task. On a slow day whoever took the task and a worker that no longer waits for them both send it: the
 * first that is recorded stays, the other one is taken back, for nobody would ever redraw it.
 */
export async function sendTaskMessage(
  task: TaskView,
  chat: ChatRef,
  { rpc, outbound, time }: TaskMessageDeps,
  { replyTo, signal }: TaskMessageOptions,
): Promise<MessageRef> {
  const sent = await outbound.send(chat, makeTaskView(task, time), { replyTo, signal });
  const { messageId } = await recordTaskMessage(rpc, task.taskId, sent.messageId);
  if (messageId === null || messageId === sent.messageId) return sent;
  await outbound.tryRemove(sent, { signal });
  return { ...sent, messageId };
}
