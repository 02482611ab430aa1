import { explainTask } from '../../store/tasks.ts';
import { code, fmt, toView } from '../view.ts';
import { makeWhySummary, makeWhyText } from '../views/why.ts';
import { ANY_ROLE, type Command } from './command.ts';
import { readTaskId } from './read-task-id.ts';

/** Longer than this is no longer read in a chat. */
const MAX_MESSAGE = 2500;
const USAGE = '/why TASK';

export const why: Command = {
  name: 'why',
  group: 'Tasks',
  description: 'Every decision on a task, and the rule behind it',
  usage: USAGE,
  example: '/why T-2025-09-28-0012',
  roles: ANY_ROLE,
  async run({ args, reply, chat, message, signal }, { rpc, outbound, time, clock }) {
    const read = readTaskId(args, USAGE);
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
