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
  /** Has started the bot: there is a chat that a menu could be in. */
  hasPrivateChat: boolean;
}

export function makeMenus({ outbound, rpc, adminChat }: MenusDeps): Menus {
  /** What was last shown to whom by this process. */
  const shown = new Map<number, string>();

  async function show(person: RoleHolder, signal?: AbortSignal): Promise<void> {
    const key = JSON.stringify([person.roles.toSorted(), person.hasPrivateChat]);
    // Nobody without a role needs more than the default; who has lost one does.
    if (shown.get(person.externalId) === key || (person.roles.length === 0 && !shown.has(person.externalId))) return;
    if (await trySetMenus(person, { outbound, adminChat }, signal)) shown.set(person.externalId, key);
  }

  return {
    show,
    async showAll(signal) {
      const everybodys: BotCommandScope[] = [{ type: 'default' }, { type: 'chat', chat_id: adminChat.chatId }];
      for (const scope of everybodys) await outbound.trySetMenu(toMenu([]), scope, { signal });
      for (const person of await listPeople(rpc, ROLES)) await show(person, signal);
    },
  };
}

/** A person's own menus: in private, once there is such a chat, and in the admin group. False when one of them could not be set. */
export async function trySetMenus(
  { externalId, roles, hasPrivateChat }: RoleHolder,
  { outbound, adminChat }: Pick<MenusDeps, 'outbound' | 'adminChat'>,
  signal?: AbortSignal,
): Promise<boolean> {
  const inGroup: BotCommandScope = { type: 'chat_member', chat_id: adminChat.chatId, user_id: externalId };
  const scopes = hasPrivateChat ? [{ type: 'chat', chat_id: externalId } as const, inGroup] : [inGroup];
  const areSet = await Promise.all(scopes.map((scope) => outbound.trySetMenu(toMenu(roles), scope, { signal })));
  return areSet.every(Boolean);
}

function toMenu(roles: readonly Role[]) {
  return COMMANDS.filter((command) => mayUse(command, roles)).map(({ name, description }) => ({ command: name, description }));
}
