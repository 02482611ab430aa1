import type { ChangeView, PersonState } from '../../store/changes.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, fmt, formatElapsed, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';

const MAX_NAME = 60;

/** What a change does, as it is said in a headline. */
export function describeChangeKind({ kind, before, payload, policy, breakGlass }: ChangeView): Rich {
  const name = inLine(before[0]?.name ?? 'somebody', MAX_NAME);
  const role = bold(payload.role ?? 'a role');
  switch (kind) {
    case 'role_grant':
      return fmt`give ${name} the role ${role}`;
    case 'role_revoke':
      return fmt`take the role ${role} from ${name}`;
    case 'link_accounts':
      return fmt`one person: ${before.map((person) => inLine(describeAccounts(person), MAX_NAME)).join(' and ')}`;
    case 'delegation':
      return fmt`let ${name} stand in as ${role} for ${formatElapsed((payload.seconds ?? 0) * 1000)}`;
    case 'factor_reset':
      return fmt`take back the ${bold('second factor')} of ${name}`;
    case 'break_glass':
      return fmt`${bold('break-glass')} for task ${breakGlass?.taskId ?? 'unknown'}`;
    case 'policy':
      return policy?.version == null ? fmt`put another ${bold('policy')} in force` : fmt`${bold('policy')} version ${policy.version}`;
  }
}

/** `Max (131): operator until 22:00 UTC`, `Max (131): no role`. */
export function describePerson(person: PersonState, now: Date, time: LocalTime): string {
  const roles = person.roles.map(({ role, until, seconds }) => {
    if (until !== null) return `${role} until ${time.format(until, now)}`;
    return seconds === null ? role : `${role} for ${formatElapsed(seconds * 1000)}`;
  });
  return `${describeAccounts(person)}: ${roles.join(', ') || 'no role'}`;
}

const describeAccounts = ({ name, accounts }: PersonState): string => `${inLine(name, MAX_NAME)} (${accounts.join(', ')})`;
