import type { Config } from '../config.ts';
import type { Seeding } from '../store/people.ts';
import type { Seeded } from '../store/policies.ts';
import type { Rpc } from '../store/rpc.ts';
import { loadSystemStatus } from '../store/system.ts';

export interface WarningsDeps {
  config: Config;
  seededPolicy: Seeded;
  seededPeople: Seeding;
  rpc: Rpc;
}

/** What an operator should know about this installation, as sentences. Shown by `/status` and logged at the start. */
export function makeWarnings({ config, seededPolicy, seededPeople, rpc }: WarningsDeps): () => Promise<string[]> {
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
  return async () => {
    const { t3Problem, inboxDead } = await loadSystemStatus(rpc);
    return [
      ...standing,
      ...(t3Problem === null ? [] : [`T3 tasks are refused: ${t3Problem}.`]),
      ...(inboxDead === 0 ? [] : [`${inboxDead} update(s) could not be handled and were set aside.`]),
    ];
  };
}
