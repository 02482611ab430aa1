import type { BotCommandScope } from 'grammy/types';
import type { ChatRef } from '../domain/message.ts';
import { ROLES, type Role } from '../domain/tier.ts';
import { listPeople } from '../store/people.ts';
import type { Rpc } from '../store/rpc.ts';
import { mayUse } from './commands/command.ts';
import { COMMANDS } from './commands/table.ts';
import type { Outbound } from './outbound.ts';

/** The command menus that Telegram shows. A convenience, never a permission: every command checks for itself. */
export interface Menus {
  /** The default menu, the admin group's, and those of the people who are known. Best effort. */
  showAll(signal?: AbortSignal): Promise<void>;
  /** A person's own menu in their private chat, when it is not that yet. Best effort. */
  show(person: { externalId: number; roles: readonly Role[] }, signal?: AbortSignal): Promise<void>;
}

export interface MenusDeps {
  outbound: Pick<Outbound, 'trySetMenu'>;
  /** As `ags_bot`. */
  rpc: Rpc;
  adminChat: ChatRef;
}

export function makeMenus({ outbound, rpc, adminChat }: MenusDeps): Menus {
  /** What was last shown to whom by this process. */
  const shown = new Map<number, string>();

  const trySet = (scope: BotCommandScope, roles: readonly Role[], signal?: AbortSignal): Promise<boolean> =>
    outbound.trySetMenu(toMenu(roles), scope, { signal });

  async function show({ externalId, roles }: { externalId: number; roles: readonly Role[] }, signal?: AbortSignal): Promise<void> {
    const key = roles.toSorted().join();
    // Nobody without a role needs more than the default; who has lost one does.
    if (shown.get(externalId) === key || (key === '' && !shown.has(externalId))) return;
    if (await trySet({ type: 'chat', chat_id: externalId }, roles, signal)) shown.set(externalId, key);
  }

  return {
    show,
    async showAll(signal) {
      await trySet({ type: 'default' }, [], signal);
      await trySet({ type: 'chat', chat_id: adminChat.chatId }, ROLES, signal);
      await trySet({ type: 'all_chat_administrators' }, ROLES, signal);
      const people = await listPeople(rpc, ROLES);
      for (const person of people.filter(({ hasPrivateChat }) => hasPrivateChat)) await show(person, signal);
    },
  };
}

export function toMenu(roles: readonly Role[]) {
  return COMMANDS.filter((command) => mayUse(command, roles)).map(({ name, description }) => ({ command: name, description }));
}
