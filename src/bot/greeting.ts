import type { InlineKeyboardButton } from 'grammy/types';
import { type ChatRef, toChatText } from '../domain/message.ts';
import type { Role } from '../domain/tier.ts';
import { type Person, recordGreeting } from '../store/people.ts';
import type { Rpc } from '../store/rpc.ts';
import { bold, code, fmt, lines, makeKeyboard, type Rich, toView, type View } from './view.ts';
import { inLine } from './views/quoted.ts';

/**
 * What a stranger is told: who they are to the bot, and who could change that. Nothing about the people or tasks behind it; where they are
 * only while there is nobody else to tell.
 */
export function makeStrangerView(externalId: number, place: ChatRef | null = null): View {
  const body = lines([
    'Hello. I work for a team, and I do not know you: nobody has given you a role.',
    fmt`Your id is ${code(String(externalId))}. If you should have a role, send it to an owner of the team.`,
    place !== null && makePlace(place),
    'Until then I answer /start and /help only.',
  ]);
  const keyboard = makeKeyboard([{ text: 'Copy my id', copy_text: { text: String(externalId) } }], ...listPlaceRows(place));
  return toView(body, keyboard);
}

/** A group's id, and its topic's, as the variables that name chats take them. */
export function makePlace(place: ChatRef): Rich {
  const { chatId, topicId } = place;
  if (topicId === null) return fmt`This group’s id is ${code(toChatText(place))}.`;
  return fmt`This topic’s id is ${code(toChatText(place))}, the whole group’s ${code(String(chatId))}.`;
}

export const makePlaceKeyboard = (place: ChatRef) => makeKeyboard(...listPlaceRows(place));

function listPlaceRows(place: ChatRef | null): InlineKeyboardButton[][] {
  if (place === null) return [];
  const label = place.topicId === null ? 'Copy the group’s id' : 'Copy the topic’s id';
  return [[{ text: label, copy_text: { text: toChatText(place) } }]];
}

export function makeWelcome({ displayName, externalId, roles }: Pick<Person, 'displayName' | 'externalId' | 'roles'>): Rich {
  return lines([
    fmt`Hello ${inLine(displayName, 60)}. You are ${bold(describeRoles(roles))} here (id ${code(String(externalId))}).`,
    'I plan a task with agents, have it criticised, ask people before anything leaves, and keep a record of all of it.',
  ]);
}

export function describeRoles(roles: readonly Role[]): string {
  return roles.length === 0 ? 'nobody with a role' : roles.map((role) => (role === 'reviewer' ? 'a reviewer' : `an ${role}`)).join(' and ');
}

/** One polite answer within a day; after it, silence. */
export async function greetStranger(
  rpc: Rpc,
  { externalId, wasGreeted }: Pick<Person, 'externalId' | 'wasGreeted'>,
  reply: (view: View) => Promise<unknown>,
): Promise<void> {
  if (wasGreeted) return;
  await reply(makeStrangerView(externalId));
  await recordGreeting(rpc, externalId);
}
