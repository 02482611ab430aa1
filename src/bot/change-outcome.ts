import type { ChangeOutcome } from '../store/changes.ts';
import { CHANGE_TEXTS } from './errors.ts';
import { listOpenChangeSlots } from './views/change-card.ts';
import { inLine } from './views/quoted.ts';

/** What a decision on a change came to, in words that fit the answer to a press. */
export function describeChangeOutcome({ outcome, code, slot, change }: ChangeOutcome): string {
  if (change?.kind === 'break_glass' && (outcome === 'applied' || outcome === 'rejected')) {
    return outcome === 'applied' ? 'Confirmed. The glass is open for 15 minutes, for this one effect.' : 'Vetoed: nothing goes out by it.';
  }
  switch (outcome) {
    case 'refused':
      return CHANGE_TEXTS[code ?? 'unknown_reference'];
    case 'recorded':
      return `Counted as ${slot ?? 'approver'}. Still waiting: ${change === null ? 'somebody' : listOpenChangeSlots(change).join(', ')}.`;
    case 'applied':
      return `Counted as ${slot ?? 'approver'}. It is in force now.`;
    case 'rejected':
      return 'Rejected: nothing was changed.';
    case 'void':
      return `It cannot be any more, so it is void: ${inLine(change?.voidReason ?? 'see the card', 120)}.`;
  }
}
