import { decideChange } from '../../src/store/changes.ts';
import { findPolicy } from '../../src/store/policies.ts';
import { proposePolicy } from '../../src/store/policy-changes.ts';
import { changePolicy, makePolicy, PEOPLE, type PolicyOverrides, restoreRoles, type StoryDatabase } from './story-world.ts';

/** Somebody proposes the default policy with whole sections replaced. */
export function propose(db: StoryDatabase, overrides: PolicyOverrides, externalId: number = PEOPLE.owner) {
  const { source, policy, checksum } = makePolicy(overrides);
  return proposePolicy(db.rpc('ags_bot'), { source, document: policy, checksum }, { externalId, reason: 'it has to change' });
}

/** As `propose`, where it has to be taken; answers with its reference. */
export async function proposeForSure(db: StoryDatabase, overrides: PolicyOverrides, externalId: number = PEOPLE.owner): Promise<string> {
  const { change, problem, code } = await propose(db, overrides, externalId);
  if (!change) throw new Error(`the policy was not taken: ${code} ${problem}`);
  return change.reference;
}

export const agree = (db: StoryDatabase, reference: string, externalId: number) =>
  decideChange(db.rpc('ags_bot'), { pointer: { reference }, externalId, decision: 'approve', source: 'command' });

export const refuse = (db: StoryDatabase, reference: string, externalId: number, reason = 'not like this') =>
  decideChange(db.rpc('ags_bot'), { pointer: { reference }, externalId, decision: 'reject', reason, source: 'command' });

/** An owner proposes and an operator agrees; answers with the version that is in force then. */
export async function putInForce(db: StoryDatabase, overrides: PolicyOverrides): Promise<number> {
  const { outcome, change } = await agree(db, await proposeForSure(db, overrides), PEOPLE.operator);
  const version = change?.policy?.version;
  if (outcome !== 'applied' || !version) throw new Error(`the policy did not come into force: ${outcome} ${change?.voidReason}`);
  return version;
}

export async function inForce(db: StoryDatabase): Promise<number> {
  return (await findPolicy(db.rpc('ags_bot')))?.policyVersion ?? 0;
}

/** The default policy in force, everybody in their roles, nothing stopped, nothing proposed; answers with the version. */
export async function startAfresh(db: StoryDatabase): Promise<number> {
  await db.sql(`update public.changes set status = 'void', decided_at = now(), void_reason = 'the next story' where status = 'pending'`);
  await db.sql(
    'update public.stop_switch set scope = null, stopped_at = null, stopped_by = null, resume_asked_by = null, resume_asked_at = null',
  );
  await restoreRoles(db);
  await changePolicy(db);
  return inForce(db);
}

const TIERS = { T0: ['READ', 'RESEARCH', 'RETRIEVE'], T1: ['WRITE_DB', 'SUMMARIZE', 'DRAFT_REPLY'], T2: ['PUBLISH', 'SOCIAL_POST'] };
const T3 = ['TRADE', 'PAYMENT', 'WITHDRAWAL'];

/** The default tiers with some of them replaced. */
export const tiers = (changed: Partial<Record<'T0' | 'T1' | 'T2' | 'T3', string[]>>): PolicyOverrides => ({
  risk_tiers: { ...TIERS, T3, ...changed },
});

export const MORE_MONEY: PolicyOverrides = { budgets: { task_tokens: 60_000, task_usd: '2.00', day_usd: '40.00' } };
