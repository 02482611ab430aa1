import { recordGreeting } from '../../store/people.ts';
import { makeStrangerView, makeWelcome } from '../greeting.ts';
import { lines, toView } from '../view.ts';
import { type Command, mayUse } from './command.ts';

export function makeStart(listCommands: () => readonly Command[]): Command {
  return {
    name: 'start',
    group: 'About',
    description: 'Who you are to me, and what you may do',
    usage: '/start',
    example: '/start',
    roles: 'anyone',
    async run({ asker, reply }, { rpc }) {
      if (asker.roles.length === 0) {
        await reply(makeStrangerView(asker.externalId));
        // It was the one answer that a stranger gets unasked.
        await recordGreeting(rpc, asker.externalId);
        return;
      }
      const names = listCommands()
        .filter((command) => mayUse(command, asker.roles))
        .map(({ name }) => `/${name}`);
      await reply(toView(lines([makeWelcome(asker), '', `You may use: ${names.join(' ')}`, '/help explains each of them.'])));
    },
  };
}
