import { ROLES } from '../../domain/tier.ts';
import type { ChangeView } from '../../store/changes.ts';
import type { RoleHolder } from '../../store/roles.ts';
import type { LocalTime } from '../local-time.ts';
import { bold, code, fmt, lines, type Rich } from '../view.ts';
import { listOpenChangeSlots } from './change-card.ts';
import { describeChangeKind } from './change-words.ts';
import { inLine } from './quoted.ts';

interface Clock {
  now: Date;
  time: LocalTime;
}

const MAX_NAME = 60;

/** Who holds which role, since when and until when; and the changes that wait for people. */
export function makeRolesView({ holders, open }: { holders: readonly RoleHolder[]; open: readonly ChangeView[] }, clock: Clock): Rich {
  const sections = ROLES.flatMap((role) => {
    const held = holders.filter((holder) => holder.role === role).map((holder) => describeHolder(holder, clock));
    return [bold(`${role[0]?.toUpperCase()}${role.slice(1)}`), ...(held.length === 0 ? ['nobody'] : held), ''];
  });
  const waiting = open.map(
    (change) => fmt`${code(change.reference)} ${describeChangeKind(change)}; missing: ${listOpenChangeSlots(change).join(' and ')}`,
  );
  return lines([
    ...sections,
    ...(waiting.length === 0 ? [] : [bold('Waiting for people'), ...waiting, '']),
    fmt`${code('/role grant ROLE USER')} and ${code('/role revoke ROLE USER')} ask for a change; a second person has to approve it.`,
  ]);
}

function describeHolder(
  { name, accounts, source, since, until, delegatedBy, grantedBy, reference }: RoleHolder,
  { now, time }: Clock,
): Rich {
  const who = `${inLine(name, MAX_NAME)} (${accounts.join(', ')})`;
  const start = time.format(since, now);
  if (source === 'seed') return fmt`${who}, by the configuration since ${start}`;
  const by = reference === null ? '' : fmt`, ${code(reference)}`;
  if (until === null) return fmt`${who}, since ${start}, proposed by ${inLine(grantedBy, MAX_NAME)}${by}`;
  return fmt`${who}, for ${inLine(delegatedBy ?? 'somebody', MAX_NAME)} until ${time.formatBoth(until, now)}${by}`;
}
