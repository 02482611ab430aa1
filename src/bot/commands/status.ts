import { loadSystemStatus } from '../../store/system.ts';
import { findTask } from '../../store/tasks.ts';
import type { CommandDeps } from '../deps.ts';
import { findActorName } from '../names.ts';
import { code, fmt, type Rich, toView } from '../view.ts';
import { makeSystemStatusView } from '../views/system-status.ts';
import { makeTaskStatusView } from '../views/task-status.ts';
import { ANY_ROLE, type Command } from './command.ts';
import { readTaskId } from './read-task-id.ts';

const USAGE = '/status [TASK]';

export const status: Command = {
  name: 'status',
  group: 'Tasks',
  description: 'How things stand: one task, or everything',
  usage: USAGE,
  example: '/status T-2025-09-28-0012',
  roles: ANY_ROLE,
  async run({ args, reply }, deps) {
    await reply(toView(args === '' ? await describeSystem(deps) : await describeTask(args, deps)));
  },
};

async function describeTask(args: string, { rpc, time }: CommandDeps): Promise<Rich> {
  const read = readTaskId(args, USAGE);
  if ('problem' in read) return read.problem;
  const task = await findTask(rpc, read.taskId);
  return task === null ? fmt`There is no task ${code(read.taskId)}. /tasks lists them.` : makeTaskStatusView(task, time);
}

async function describeSystem({ rpc, listWarnings, clock, time }: CommandDeps): Promise<Rich> {
  const [system, warnings] = await Promise.all([loadSystemStatus(rpc), listWarnings()]);
  const stoppedBy = await findActorName(rpc, system.stop.stoppedBy);
  return makeSystemStatusView({ status: system, stoppedBy, warnings, now: clock(), time });
}
