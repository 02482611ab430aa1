/**
 * The sandbox's fixed world: one bot, seven people, four shared chats. Every id is a constant, so that a test, a demonstration and
 * a restart all meet the same people in the same rooms. A person's private chat with the bot has the person's own id, as in Telegram.
 */
export const SANDBOX_BOT = {
  id: 999_000_001,
  username: 'ags_sandbox_bot',
  firstName: 'Dynamic AGS',
  /** Not a secret: it opens nothing but this loopback server. */
  token: '999000001:sandbox-token-for-loopback-only',
} as const;

export const PERSONA_ROLES = ['owner', 'operator', 'reviewer', 'member', 'stranger'] as const;
export type PersonaRole = (typeof PERSONA_ROLES)[number];

export interface Persona {
  readonly id: number;
  readonly firstName: string;
  readonly username: string;
  readonly role: PersonaRole;
  /** What the chat page writes under the name. */
  readonly title: string;
}

export const PERSONAS = {
  olivia: { id: 101, firstName: 'Olivia', username: 'olivia_owner', role: 'owner', title: 'Owner' },
  oscar: { id: 102, firstName: 'Oscar', username: 'oscar_owner', role: 'owner', title: 'Second owner' },
  adam: { id: 111, firstName: 'Adam', username: 'adam_operator', role: 'operator', title: 'Operator' },
  bella: { id: 112, firstName: 'Bella', username: 'bella_operator', role: 'operator', title: 'Second operator' },
  rita: { id: 121, firstName: 'Rita', username: 'rita_reviewer', role: 'reviewer', title: 'Reviewer' },
  max: { id: 131, firstName: 'Max', username: 'max_member', role: 'member', title: 'Member' },
  sam: { id: 141, firstName: 'Sam', username: 'sam_stranger', role: 'stranger', title: 'Stranger' },
} as const satisfies Record<string, Persona>;

export const PERSONA_LIST: readonly Persona[] = Object.values(PERSONAS);

/** `creator` and `administrator` may post in a channel and change a group; `member` reads, and writes in groups. */
export type MemberStatus = 'creator' | 'administrator' | 'member' | 'restricted' | 'left' | 'kicked';

export interface SharedChat {
  readonly id: number;
  readonly type: 'supergroup' | 'channel';
  readonly title: string;
  readonly isForum: boolean;
  readonly members: Readonly<Record<number, MemberStatus>>;
}

const everybody = (status: MemberStatus, ids: readonly number[]): Record<number, MemberStatus> =>
  Object.fromEntries(ids.map((id) => [id, status]));
const staff = {
  ...everybody('member', [PERSONAS.adam.id, PERSONAS.bella.id, PERSONAS.rita.id]),
  [PERSONAS.oscar.id]: 'administrator',
  [PERSONAS.olivia.id]: 'creator',
  [SANDBOX_BOT.id]: 'administrator',
} as const;

export const CHATS = {
  admin: { id: -1001000000001, type: 'supergroup', title: 'AGS Admin', isForum: false, members: staff },
  alerts: { id: -1001000000002, type: 'channel', title: 'AGS Alerts', isForum: false, members: staff },
  /** A public channel: everybody but the people who only know the bot reads it. */
  signals: {
    id: -1001000000003,
    type: 'channel',
    title: 'AGS Signals',
    isForum: false,
    members: { ...staff, [PERSONAS.max.id]: 'member', [PERSONAS.sam.id]: 'member' },
  },
  vip: {
    id: -1001000000004,
    type: 'supergroup',
    title: 'AGS VIP',
    isForum: false,
    members: {
      [PERSONAS.olivia.id]: 'creator',
      [PERSONAS.oscar.id]: 'administrator',
      [SANDBOX_BOT.id]: 'administrator',
      [PERSONAS.max.id]: 'member',
    },
  },
} as const satisfies Record<string, SharedChat>;

export const CHAT_LIST: readonly SharedChat[] = Object.values(CHATS);

/** Telegram's own fake senders, written by clients that do not know about anonymous admins and channel posts. */
export const GROUP_ANONYMOUS_BOT = { id: 1_087_968_824, is_bot: true, first_name: 'Group', username: 'GroupAnonymousBot' } as const;
export const CHANNEL_BOT = { id: 136_817_688, is_bot: true, first_name: 'Channel', username: 'Channel_Bot' } as const;
