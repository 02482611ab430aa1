import { TASK_STATUSES, TaskStatus } from '../../domain/status.ts';
import { listTasks } from '../../store/tasks.ts';
import { code, fmt, toView } from '../view.ts';
import { inLine } from '../views/quoted.ts';
import { makeTaskListView } from '../views/task-list.ts';
import { ANY_ROLE, type Command } from './command.ts';

const LIMIT = 10;

export const tasks: Command = {
  name: 'tasks',
  group: 'Tasks',
  description: 'The newest tasks, all or of one status',
  usage: '/tasks [status]',
  example: '/tasks awaiting_approval',
  roles: ANY_ROLE,
  async run({ args, reply }, { rpc, time, clock }) {
    const asked = args === '' ? null : TaskStatus.safeParse(args.toLowerCase().replaceAll(/[\s-]+/g, '_'));
    if (asked !== null && !asked.success) {
      await reply(toView(fmt`${code(inLine(args, 40))} is no status. There are: ${TASK_STATUSES.join(', ')}.`));
      return;
    }
    const status = asked?.data ?? null;
    const found = await listTasks(rpc, { status, limit: LIMIT });
    await reply(toView(makeTaskListView(found, { status, limit: LIMIT, time, now: clock() })));
  },
};
