import { ROLES } from '../../domain/tier.ts';
import { listPeople, recordGreeting } from '../../store/people.ts';
import type { Rpc } from '../../store/rpc.ts';
import { makePlace, makePlaceKeyboard, makeStrangerView, makeWelcome } from '../greeting.ts';
import { lines, toView } from '../view.ts';
import { type Command, type Invocation, mayUse } from './command.ts';

export function makeStart(listCommands: () => readonly Command[]): Command {
  return {
    name: 'start',
    group: 'About',
    description: 'Who you are to me, what you may do, and where we are',
    usage: '/start',
    example: '/start',
    roles: 'anyone',
    async run({ asker, chat, message, reply }, { rpc }) {
      const place = (await mayKnowPlace({ asker, message }, rpc)) ? chat : null;
      if (asker.roles.length === 0) {
        await reply(makeStrangerView(asker.externalId, place));
        // It was the one answer that a stranger gets unasked.
        await recordGreeting(rpc, asker.externalId);
        return;
      }
      const names = listCommands()
        .filter((command) => mayUse(command, asker.roles))
        .map(({ name }) => `/${name}`);
      const usable = ['', `You may use: ${names.join(' ')}`, '/help explains each of them.'];
      const body = lines([makeWelcome(asker), ...(place === null ? [] : ['', makePlace(place)]), ...usable]);
      await reply(toView(body, place === null ? undefined : makePlaceKeyboard(place)));
    },
  };
}

/** A group's id is for those who set it up: whoever has a role, and anybody while nobody has one. */
async function mayKnowPlace({ asker, message }: Pick<Invocation, 'asker' | 'message'>, rpc: Rpc): Promise<boolean> {
  if (message.chat.type === 'private') return false;
  return asker.roles.length > 0 || (await listPeople(rpc, ROLES)).length === 0;
}
