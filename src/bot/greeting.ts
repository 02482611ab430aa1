import type { Role } from '../domain/tier.ts';
import { type Person, recordGreeting } from '../store/people.ts';
import type { Rpc } from '../store/rpc.ts';
import { bold, code, fmt, lines, makeKeyboard, type Rich, toView, type View } from './view.ts';
import { inLine } from './views/quoted.ts';

/** What a stranger is told: who they are to the bot, and who could change that. Nothing about the people or tasks behind it. */
export function makeStrangerView(externalId: number): View {
  const body = lines([
    'Hello. I work for a team, and I do not know you: nobody has given you a role.',
    fmt`Your id is ${code(String(externalId))}. If you should have a role, send it to an owner of the team.`,
    'Until then I answer /start and /help only.',
  ]);
  return toView(body, makeKeyboard([{ text: 'Copy my id', copy_text: { text: String(externalId) } }]));
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
