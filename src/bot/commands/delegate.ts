import { Duration } from '../../policy/scalars.ts';
import { code, fmt, toView } from '../view.ts';
import { inLine } from '../views/quoted.ts';
import { type Command, DECIDERS } from './command.ts';
import { propose, tryWithdraw } from './propose.ts';
import { nameMentions, readPerson } from './read-person.ts';
import { readRole } from './read-role.ts';

const USAGE = '/delegate ROLE USER 8h [reason]';

export const delegate: Command = {
  name: 'delegate',
  group: 'People',
  description: 'Let somebody stand in for you for a while, with a second person',
  usage: USAGE,
  example: '/delegate operator @bella_operator 8h on a plane',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const { args, message, asker, reply } = invocation;
    if (await tryWithdraw(invocation, deps)) return;
    const read = readRole(nameMentions(args, message), USAGE);
    const person = 'problem' in read ? read : await readPerson(read.rest, message, deps.rpc);
    if ('problem' in read || 'problem' in person) {
      await reply(toView('problem' in person ? person.problem : fmt`${code(USAGE)}`));
      return;
    }
    const [, word = '', reason = ''] = /^(\S*)\s*([\s\S]*)$/.exec(person.rest) ?? [];
    const seconds = Duration.safeParse(word);
    if (!seconds.success) {
      const got = word === '' ? fmt`For how long?` : fmt`${code(inLine(word, 40))} is no length of time.`;
      await reply(toView(fmt`${got} For example ${code('30m')}, ${code('8h')} or ${code('3d')}: ${code(USAGE)}.`));
      return;
    }
    const payload = { external_id: person.externalId, from_external_id: asker.externalId, role: read.role, seconds: seconds.data };
    await propose({ kind: 'delegation', payload }, reason, invocation, deps);
  },
};
