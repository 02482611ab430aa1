import { listLimits } from '../../store/rates.ts';
import type { CommandDeps } from '../deps.ts';
import { toView } from '../view.ts';
import { makeLimitsView } from '../views/limits.ts';
import { ANY_ROLE, type Command } from './command.ts';

export const limits: Command = {
  name: 'limits',
  group: 'Tasks',
  description: 'What the policy allows at most, and how much of it is used',
  usage: '/limits',
  example: '/limits',
  roles: ANY_ROLE,
  async run({ asker, reply, signal }, deps) {
    const found = await listLimits(deps.rpc, asker.externalId);
    const ids = found.rates.filter(({ limit }) => limit.endsWith('_per_chat')).flatMap(({ uses }) => uses.map(({ subject }) => subject));
    const chats = await nameChats([...new Set(ids)], deps, signal);
    await reply(toView(makeLimitsView({ limits: found, chats, now: deps.clock(), time: deps.time })));
  },
};

async function nameChats(ids: readonly string[], { findChatName }: CommandDeps, signal: AbortSignal) {
  return new Map(await Promise.all(ids.map(async (id) => [id, await findChatName(Number(id), signal)] as const)));
}
