import type { Message } from 'grammy/types';
import type { ChatRef, MessageRef } from '../../domain/message.ts';
import type { Role } from '../../domain/tier.ts';
import type { Person } from '../../store/people.ts';
import type { BotContext } from '../context.ts';
import type { CommandDeps } from '../deps.ts';
import type { SendOptions } from '../outbound.ts';
import type { View } from '../view.ts';

/** Who gave the command: the numeric id counts, the name is for reading. */
export type Asker = Pick<Person, 'externalId' | 'displayName' | 'roles'>;

/** A command that a person gave, with everything resolved at the door. */
export interface Invocation {
  args: string;
  message: Message;
  /** Where it was given, and so where it is answered. */
  chat: ChatRef;
  asker: Asker;
  updateId: number;
  signal: AbortSignal;
  context: BotContext;
  /** Answers in the same chat and topic, as a reply. */
  reply(view: View, options?: Pick<SendOptions, 'isSilent' | 'forceReply' | 'priority'>): Promise<MessageRef>;
}

export const COMMAND_GROUPS = ['Tasks', 'Decisions', 'Emergency', 'People', 'About'] as const;

/** One row of the command table: it registers, documents and offers the command. */
export interface Command {
  name: string;
  group: (typeof COMMAND_GROUPS)[number];
  /** For menus, at most 256 characters. */
  description: string;
  usage: string;
  example: string;
  /** Who may use it. What it then may do is decided in the database. */
  roles: 'anyone' | readonly Role[];
  /** Lets something out or lifts a protection: not taken from a message that is older than a quarter of an hour. */
  isRefusedWhenStale?: boolean;
  /** A photo's or document's caption may give it. */
  takesCaption?: boolean;
  run(invocation: Invocation, deps: CommandDeps): Promise<void>;
}

export const ANY_ROLE: readonly Role[] = ['owner', 'operator', 'reviewer'];
export const DECIDERS: readonly Role[] = ['owner', 'operator'];
export const OWNERS: readonly Role[] = ['owner'];

export function mayUse(command: Command, roles: readonly Role[]): boolean {
  return command.roles === 'anyone' || command.roles.some((role) => roles.includes(role));
}
