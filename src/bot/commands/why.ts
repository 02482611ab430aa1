import { explainTask } from '../../store/tasks.ts';
import type { CommandDeps } from '../deps.ts';
import { code, fmt, type Rich, toView } from '../view.ts';
import { makeWhySummary, makeWhyText } from '../views/why.ts';
import { ANY_ROLE, type Command } from './command.ts';
import { findPosted, readPostedLink } from './posted-link.ts';
import { readTaskId } from './read-task-id.ts';

/** Longer than this is no longer read in a chat. */
const MAX_MESSAGE = 2500;
const USAGE = '/why TASK|link to a post';

export const why: Command = {
  name: 'why',
  group: 'Tasks',
  description: 'Every decision on a task or a published post, and the rule behind it',
  usage: USAGE,
  example: '/why T-2025-09-28-0012',
  roles: ANY_ROLE,
  async run({ args, reply, chat, message, signal }, deps) {
    const { rpc, outbound, time, clock } = deps;
    const read = await readSubject(args, deps, signal);
    if ('problem' in read) {
      await reply(toView(read.problem));
      return;
    }
    const explanation = await explainTask(rpc, read.taskId);
    if (explanation === null) {
      await reply(toView(fmt`There is no task ${code(read.taskId)}. /tasks lists them.`));
      return;
    }
    const text = makeWhyText(explanation, { time, now: clock() });
    const summary = makeWhySummary(explanation);
    if (text.length + summary.text.length <= MAX_MESSAGE) {
      await reply(toView(fmt`${summary}\n\n${text}`));
      return;
    }
    const file = { name: `why-${read.taskId}.txt`, bytes: Buffer.from(text), caption: toView(summary) };
    await outbound.sendFile(chat, file, { replyTo: message.message_id, signal });
  },
};

/** A task by its id, or by a message that it let out. */
async function readSubject(args: string, deps: CommandDeps, signal: AbortSignal): Promise<{ taskId: string } | { problem: Rich }> {
  const link = readPostedLink(args.trim());
  if (link === null) return readTaskId(args, USAGE);
  const posted = await findPosted(link, deps, signal);
  if (posted !== null) return { taskId: posted.taskId };
  return { problem: fmt`No task of mine let that message out: somebody else wrote it, or it stands in another chat. ${code(USAGE)}` };
}
