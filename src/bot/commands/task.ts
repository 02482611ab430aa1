import { ASK_GOAL } from '../ask-goal.ts';
import { giveTask } from '../give-task.ts';
import { toView } from '../view.ts';
import { type Command, DECIDERS } from './command.ts';

export const task: Command = {
  name: 'task',
  group: 'Tasks',
  description: 'Give me a task; as a reply, that message comes along',
  usage: '/task GOAL',
  example: '/task Summarise this week’s incidents for the team',
  roles: DECIDERS,
  takesCaption: true,
  async run({ args, message, chat, asker, updateId, signal, context, reply }, deps) {
    if (args === '') {
      // Asked twice, the newer question counts.
      await context.conversation.exit(ASK_GOAL);
      await context.conversation.enter(ASK_GOAL);
      return;
    }
    const outcome = await giveTask({ goal: args, message, source: message, updateId, externalId: asker.externalId, chat, signal }, deps);
    if (outcome !== null) await reply(toView(outcome.problem));
  },
};
