import { AppError } from '../errors.ts';

/** What a process can do. People's roles are in domain/tier.ts. */
export const PROCESS_ROLES = ['bot', 'worker', 'web'] as const;
export type ProcessRole = (typeof PROCESS_ROLES)[number];

/** Reads the program's arguments: nothing or `all` is every role in one process, one word is that role alone. */
export function findRoles(argv: readonly string[]): { roles: readonly ProcessRole[] } | { problem: string } {
  const [word = 'all', ...more] = argv;
  if (word === 'all' && more.length === 0) return { roles: PROCESS_ROLES };
  const role = PROCESS_ROLES.find((name) => name === word);
  if (role !== undefined && more.length === 0) return { roles: [role] };
  return { problem: `arguments: expected nothing, or one of all, ${PROCESS_ROLES.join(', ')}; got ${JSON.stringify(argv.join(' '))}` };
}

/** The same for callers that need no configuration. Throws `config_invalid`. */
export function parseRoles(argv: readonly string[]): readonly ProcessRole[] {
  const found = findRoles(argv);
  if ('roles' in found) return found.roles;
  throw new AppError('config_invalid', undefined, { context: { problems: [found.problem] } });
}
