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
  /** The default menu, the admin group's for people without a role, and those of the people who are known. Best effort. */
  showAll(signal?: AbortSignal): Promise<void>;
  /** Those of a person who writes in private, when they are not that yet. Best effort. */
  show(person: RoleHolder, signal?: AbortSignal): Promise<void>;
}

export interface MenusDeps {
  outbound: Pick<Outbound, 'trySetMenu'>;
  /** As `ags_bot`. */
  rpc: Rpc;
  adminChat: ChatRef;
}

/** What of a person decides their menus. */
export interface RoleHolder {
  externalId: number;
  roles: readonly Role[];
}

export function makeMenus({ outbound, rpc, adminChat }: MenusDeps): Menus {
  /** What was last shown to whom by this process. */
  const shown = new Map<number, string>();

  async function show(person: RoleHolder, signal?: AbortSignal): Promise<void> {
    const key = person.roles.toSorted().join();
    // Nobody without a role needs more than the default; who has lost one does.
    if (shown.get(person.externalId) === key || (key === '' && !shown.has(person.externalId))) return;
    const commands = toMenu(person.roles);
    const areSet = await Promise.all(listScopes(person, adminChat).map((scope) => outbound.trySetMenu(commands, scope, { signal })));
    if (areSet.every(Boolean)) shown.set(person.externalId, key);
  }

  return {
    show,
    async showAll(signal) {
      const everybodys: BotCommandScope[] = [{ type: 'default' }, { type: 'chat', chat_id: adminChat.chatId }];
      for (const scope of everybodys) await outbound.trySetMenu(toMenu([]), scope, { signal });
      const people = await listPeople(rpc, ROLES);
      for (const person of people.filter(({ hasPrivateChat }) => hasPrivateChat)) await show(person, signal);
    },
  };
}

/** Where a person has a menu of their own: in private, and in the admin group. */
export function listScopes({ externalId }: RoleHolder, adminChat: ChatRef): BotCommandScope[] {
  return [
    { type: 'chat', chat_id: externalId },
    { type: 'chat_member', chat_id: adminChat.chatId, user_id: externalId },
  ];
}

export function toMenu(roles: readonly Role[]) {
  return COMMANDS.filter((command) => mayUse(command, roles)).map(({ name, description }) => ({ command: name, description }));
}
