import { toView } from '../view.ts';
import { type Command, OWNERS } from './command.ts';
import { propose } from './propose.ts';
import { nameMentions, readPerson } from './read-person.ts';

export const link: Command = {
  name: 'link',
  group: 'People',
  description: 'Two accounts of one human count as one person, with a second person',
  usage: '/link USER USER [reason]',
  example: '/link 111 222 Adam’s new phone',
  roles: OWNERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const { args, message, reply } = invocation;
    const first = await readPerson(nameMentions(args, message), message, deps.rpc);
    if ('problem' in first) {
      await reply(toView(first.problem));
      return;
    }
    const other = await readPerson(first.rest, message, deps.rpc);
    if ('problem' in other) {
      await reply(toView(other.problem));
      return;
    }
    const payload = { external_id: first.externalId, other_external_id: other.externalId };
    await propose({ kind: 'link_accounts', payload }, other.rest, invocation, deps);
  },
};
