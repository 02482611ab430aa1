import { listRoles } from '../../store/roles.ts';
import type { CommandDeps } from '../deps.ts';
import { code, fmt, toView } from '../view.ts';
import { inLine } from '../views/quoted.ts';
import { makeRolesView } from '../views/roles.ts';
import { type Command, type Invocation, OWNERS } from './command.ts';
import { propose, tryWithdraw } from './propose.ts';
import { nameMentions, readPerson } from './read-person.ts';
import { readRole } from './read-role.ts';

const USAGE = '/role [grant|revoke] ROLE USER [reason]';
const WORDS = new Map([
  ['grant', 'role_grant'],
  ['revoke', 'role_revoke'],
] as const);

export const role: Command = {
  name: 'role',
  group: 'People',
  description: 'Who holds which role; give or take one, with a second person',
  usage: USAGE,
  example: '/role grant operator @bella_operator new in the team',
  roles: OWNERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const { args, reply } = invocation;
    if (args === '') {
      await reply(toView(makeRolesView(await listRoles(deps.rpc), { now: deps.clock(), time: deps.time })));
      return;
    }
    if (!(await tryWithdraw(invocation, deps))) await change(invocation, deps);
  },
};

async function change(invocation: Invocation, deps: CommandDeps): Promise<void> {
  const { message, reply } = invocation;
  const [, word = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(nameMentions(invocation.args, message)) ?? [];
  const kind = [...WORDS].find(([name]) => name === word.toLowerCase())?.[1];
  if (kind === undefined) {
    await reply(toView(fmt`I know grant, revoke and withdraw here, not ${code(inLine(word, 40))}: ${code(USAGE)}.`));
    return;
  }
  const read = readRole(rest, USAGE);
  const person = 'problem' in read ? read : await readPerson(read.rest, message, deps.rpc);
  if ('problem' in read || 'problem' in person) {
    await reply(toView('problem' in person ? person.problem : fmt`${code(USAGE)}`));
    return;
  }
  await propose({ kind, payload: { external_id: person.externalId, role: read.role } }, person.rest, invocation, deps);
}
