import { AppError } from '../errors.ts';
import { describePolicyChange } from '../policy/describe.ts';
import { parsePolicy } from '../policy/parse.ts';
import type { ChangeView } from '../store/changes.ts';
import { findPolicy } from '../store/policies.ts';
import { findPolicyDraft } from '../store/policy-changes.ts';
import type { Rpc } from '../store/rpc.ts';
import type { PolicyFacts } from './views/policy-card.ts';

/** Of a change of kind `policy`, beside the version that was in force when it was proposed; null for every other kind. Throws not_found. */
export async function loadPolicyFacts(
  rpc: Rpc,
  { policy, policyVersion }: Pick<ChangeView, 'policy' | 'policyVersion'>,
): Promise<PolicyFacts | null> {
  if (policy === null) return null;
  const [draft, base] = await Promise.all([findPolicyDraft(rpc, policy), findPolicy(rpc, policyVersion)]);
  if (draft === null || base === null) throw new AppError('not_found', `what policy proposal ${policy.checksum} is about is gone`);
  const { source, checksum, backtest } = draft;
  return { source, checksum, backtest, changes: describePolicyChange(parsePolicy(base.source).policy, parsePolicy(source).policy) };
}
