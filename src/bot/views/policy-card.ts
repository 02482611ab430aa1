import type { PolicyChange } from '../../policy/describe.ts';
import type { ChangeView } from '../../store/changes.ts';
import type { Backtest } from '../../store/policy-changes.ts';
import { bold, code, type Fragment, fmt } from '../view.ts';
import { describeBacktest } from './policy-backtest.ts';
import { describeChanges } from './policy-words.ts';

/** What people are asked to agree to when a policy is proposed. */
export interface PolicyFacts {
  source: string;
  checksum: string;
  changes: PolicyChange[];
  /** How it was tried when it was proposed. */
  backtest: Backtest | null;
}

const MAX_CHANGES = 12;
const MAX_FINDINGS = 8;
const MAX_IDS = 4;

/** On the card: what would change, how past tasks would have gone, and over which text people decide. */
export function describePolicyRows(
  { reference, policyVersion, status }: ChangeView,
  { changes, backtest, checksum }: PolicyFacts,
): Fragment[] {
  const all = `/policy diff ${reference}`;
  const findings = backtest === null ? [] : describeBacktest(backtest, MAX_IDS);
  const shown = findings.slice(0, MAX_FINDINGS);
  return [
    bold(`What changes against version ${policyVersion}`),
    ...describeChanges(changes, MAX_CHANGES, all),
    '',
    ...shown,
    ...(findings.length > shown.length ? [`… and ${findings.length - shown.length} more: ${all}`] : []),
    ...(status === 'pending' ? ['What waits for approval then is asked anew; tasks that run keep their version.'] : []),
    fmt`The text: checksum ${code(checksum.slice(0, 8))}, in the file above this card or by ${code(all)}`,
  ];
}
