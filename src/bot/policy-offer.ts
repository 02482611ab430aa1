import type { ChatRef } from '../domain/message.ts';
import { describePolicyChange } from '../policy/describe.ts';
import { parsePolicy } from '../policy/parse.ts';
import { findPolicy } from '../store/policies.ts';
import { openPolicyOffer } from '../store/policy-changes.ts';
import { type CardMessageDeps, makeCardMessages } from './card-message.ts';
import { makePolicyOfferView } from './views/policy-offer.ts';

/** Tells the admin group of the file that the program was started with, when it is not in force and never was: once per file. */
export async function announcePolicyFile(deps: CardMessageDeps & { adminChat: ChatRef }, signal: AbortSignal): Promise<void> {
  const { rpc, adminChat } = deps;
  const [offer, base] = await Promise.all([openPolicyOffer(rpc, adminChat), findPolicy(rpc)]);
  if (offer === null || base === null || offer.card.messageId !== null) return;
  const { source, checksum } = offer.draft;
  const changes = describePolicyChange(parsePolicy(base.source).policy, parsePolicy(source).policy);
  const view = makePolicyOfferView({ changes, checksum, version: base.policyVersion }, offer.card.token);
  await makeCardMessages(deps).put(offer.card, view, { isWorthSending: true, mark: checksum, signal });
}
