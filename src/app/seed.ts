import type { Config } from '../config.ts';
import { ROLES } from '../domain/tier.ts';
import { loadPolicyFile } from '../policy/load.ts';
import { listPeople, seedPeople } from '../store/people.ts';
import { type Seeded, seedPolicy } from '../store/policies.ts';
import { offerPolicyFile } from '../store/policy-changes.ts';
import type { Rpc } from '../store/rpc.ts';
import { loadSystemStatus } from '../store/system.ts';
import type { Logger } from '../telemetry/log.ts';
import { listPolicyWarnings, type PolicyFile } from './policy-warnings.ts';
import { listPromptWarnings } from './prompt-warnings.ts';
import { makeWarnings } from './warnings.ts';

export type SeededRules = Seeded & PolicyFile;

/**
 * Puts the policy file in force where there never was one; another file than what is in force is only kept, for people to propose. As
 * `ags_bot` or `ags_worker`: whichever process comes first.
 */
export async function seedRules(rpc: Rpc, { policyFile }: Pick<Config, 'policyFile'>): Promise<SeededRules> {
  const { source, policy, checksum } = await loadPolicyFile(policyFile);
  const file = { source, document: policy, checksum };
  const seeded = await seedPolicy(rpc, file);
  const { earlierVersion } = seeded.isSame ? { earlierVersion: seeded.policyVersion } : await offerPolicyFile(rpc, file);
  return { ...seeded, fileChecksum: checksum, earlierVersion };
}

export interface TeamOptions {
  /** As `ags_bot`. */
  rpc: Rpc;
  config: Config;
  seededPolicy: SeededRules;
  /** Of the servers behind it. */
  stackWarnings: readonly string[];
  log: Logger;
}

/** Gives the configured people their roles, where they never had one, and says what an operator should know from the start. */
export async function seedTeam({ rpc, config, seededPolicy, stackWarnings, log }: TeamOptions): Promise<() => Promise<readonly string[]>> {
  const seededPeople = await seedPeople(rpc, listConfiguredPeople(config));
  const listStanding = makeWarnings({ config, seededPeople, people: await listPeople(rpc, ROLES) });
  const listWarnings = async () => [
    ...(await listStanding()),
    ...stackWarnings,
    ...(await listPolicyWarnings(rpc, seededPolicy)),
    ...(await listPromptWarnings(rpc, new Date())),
  ];
  for (const warning of await listWarnings()) log.warn({ warning }, 'warning');
  const { t3Problem } = await loadSystemStatus(rpc);
  if (t3Problem !== null) log.warn({ t3Problem }, 'T3 tasks are refused');
  return listWarnings;
}

function listConfiguredPeople({ people }: Config) {
  return [
    ...people.ownerIds.map((externalId) => ({ externalId, role: 'owner' as const })),
    ...people.operatorIds.map((externalId) => ({ externalId, role: 'operator' as const })),
    ...people.reviewerIds.map((externalId) => ({ externalId, role: 'reviewer' as const })),
  ];
}
