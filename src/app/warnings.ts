import type { Config } from '../config.ts';
import type { Seeding } from '../store/people.ts';
import type { Seeded } from '../store/policies.ts';

export interface WarningsDeps {
  config: Config;
  seededPolicy: Seeded;
  seededPeople: Seeding;
}

/**
 * What an operator should know about how this installation was started, as sentences. Shown by `/status`, which adds what the rows say,
 * and logged at the start.
 */
export function makeWarnings({ config, seededPolicy, seededPeople }: WarningsDeps): () => Promise<readonly string[]> {
  const standing = [
    ...(config.telegram.botToken === null ? ['Sandbox: no bot is configured, nothing leaves this machine.'] : []),
    ...(config.engines.isRehearsal ? ['Rehearsal engine: no AI takes part; set OPENAI_API_KEY or OPENAI_BASE_URL.'] : []),
    ...(seededPolicy.isSame
      ? []
      : [`The policy file differs from policy version ${seededPolicy.policyVersion} in force and was not applied.`]),
    ...seededPeople.revoked.map(
      ({ externalId, role }) => `${externalId} is configured as ${role}, but that role was revoked; it was not given again.`,
    ),
    ...(config.anchorUrl === null ? ['AGS_ANCHOR_URL is not set: the audit log has no anchor outside this database.'] : []),
  ];
  return () => Promise.resolve(standing);
}
