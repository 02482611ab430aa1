import { redactPersonalData } from '../../policy/guards/pii.ts';
import { cancelTask } from '../../store/tasks.ts';
import { ASK_GOAL } from '../ask-goal.ts';
import { ASK_POLICY } from '../ask-policy.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import { CANCEL_TEXTS } from '../errors.ts';
import { bold, code, fmt, lines, toView } from '../view.ts';
import { describeInFlight, nameTargets } from '../views/in-flight.ts';
import { ANY_ROLE, type Command } from './command.ts';
import { readTaskId } from './read-task-id.ts';

const USAGE = '/cancel TASK [reason]';

export const cancel: Command = {
  name: 'cancel',
  group: 'Tasks',
  description: 'End a task before its next effect, or leave a question of mine',
  usage: USAGE,
  example: '/cancel T-2025-09-28-0012 no longer needed',
  roles: ANY_ROLE,
  async run({ args, asker, context, reply }, deps) {
    if (args === '' && context.conversation.active(ASK_GOAL) > 0) {
      await context.conversation.exit(ASK_GOAL);
      await reply(toView('Left it. No task was given.'));
      return;
    }
    if (args === '' && context.conversation.active(ASK_POLICY) > 0) {
      await context.conversation.exit(ASK_POLICY);
      await reply(toView('Left it. No policy was taken.'));
      return;
    }
    const read = readTaskId(args, USAGE);
    if ('problem' in read) {
      await reply(toView(read.problem));
      return;
    }
    const {
      outcome,
      code: refusal,
      inFlight,
      deliver,
    } = await cancelTask(deps.rpc, {
      taskId: read.taskId,
      externalId: asker.externalId,
      // It becomes rows.
      reason: redactPersonalData(read.rest),
    });
    if (outcome === 'refused') {
      await reply(toView(fmt`${code(read.taskId)}: ${CANCEL_TEXTS[refusal ?? 'not_found']}`));
      return;
    }
    const answer = nameTargets(inFlight, deps.findChatName).then((named) => {
      const landing = named.length === 0 ? ['Nothing of it was on its way.'] : describeInFlight(named, { isOfOneTask: true });
      return reply(toView(lines([fmt`✖️ ${code(read.taskId)} ${bold('cancelled')}.`, ...landing])));
    });
    await tryAll(deps.log, [tryDeliver(deps, deliver), answer]);
  },
};
