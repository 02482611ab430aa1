import { ROLES, Role } from '../../domain/tier.ts';
import { code, fmt, type Rich } from '../view.ts';
import { inLine } from '../views/quoted.ts';

/** The role at the beginning of a command's arguments and the rest, or what a person reads instead. */
export function readRole(args: string, usage: string): { role: Role; rest: string } | { problem: Rich } {
  const [, word = '', rest = ''] = /^(\S*)\s*([\s\S]*)$/.exec(args) ?? [];
  const parsed = Role.safeParse(word.toLowerCase());
  if (parsed.success) return { role: parsed.data, rest };
  const got = word === '' ? fmt`Which role?` : fmt`${code(inLine(word, 40))} is no role.`;
  return { problem: fmt`${got} There are ${ROLES.join(', ')}: ${code(usage)}.` };
}
