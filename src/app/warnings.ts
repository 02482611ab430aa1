import type { Config } from '../config.ts';
import type { ChatRef } from '../domain/message.ts';
import type { Role } from '../domain/tier.ts';
import type { Member, Seeding } from '../store/people.ts';

export interface WarningsDeps {
  config: Config;
  seededPeople: Seeding;
  /** Everybody who holds a role now. */
  people: readonly Pick<Member, 'externalId' | 'roles'>[];
}

/**
 * What an operator should know about how this installation was started, as sentences. Shown by `/status`, which adds what the rows say,
 * and logged at the start.
 */
export function makeWarnings({ config, seededPeople, people }: WarningsDeps): () => Promise<readonly string[]> {
  const standing = [
    ...listEngineWarnings(config),
    ...listPeopleWarnings(config, seededPeople, people),
    ...listChatWarnings(config),
    ...listStoreWarnings(config),
  ];
  return () => Promise.resolve(standing);
}

function listEngineWarnings({ telegram, engines }: Config): string[] {
  return [
    ...(telegram.botToken === null ? ['Sandbox: no bot is configured, nothing leaves this machine.'] : []),
    ...(engines.isRehearsal ? ['Rehearsal engine: no AI takes part; set OPENAI_API_KEY or OPENAI_BASE_URL.'] : []),
  ];
}

/**
 * The ways in which the configuration and the records can differ: the records hold, for people change them on purpose. What the configuration
 * alone gave to somebody new is told as well: nobody else was asked.
 */
function listPeopleWarnings(
  { people: configured }: Config,
  { isFirst, seeded, revoked, withheld }: Seeding,
  people: WarningsDeps['people'],
): string[] {
  const named: Record<Role, readonly number[]> = {
    owner: configured.ownerIds,
    operator: configured.operatorIds,
    reviewer: configured.reviewerIds,
  };
  const unnamed = people.flatMap(({ externalId, roles }) =>
    roles.filter((role) => !named[role].includes(externalId)).map((role) => `${externalId} (${role})`),
  );
  return [
    ...revoked.map(({ externalId, role }) => `${externalId} is configured as ${role}, but that role was revoked; it was not given again.`),
    ...withheld.map(
      ({ externalId, role }) =>
        `${externalId} is configured as ${role}, but has had another role here; it was not given: an owner proposes it by /role grant.`,
    ),
    ...(isFirst ? [] : seeded.map(({ externalId, role }) => `${externalId} became ${role} at this start, by the configuration alone.`)),
    ...(unnamed.length === 0 ? [] : [`Roles that the configuration does not name are still held: ${unnamed.join(', ')}.`]),
  ];
}

const isSamePlace = (one: ChatRef, other: ChatRef): boolean => one.chatId === other.chatId && one.topicId === other.topicId;

function listChatWarnings({ chats: { admin, alert, signals } }: Config): string[] {
  return [
    ...(isSamePlace(alert, admin) ? ['AGS_ALERT_CHAT_ID names no chat of its own: the admin group stands in for the alert channel.'] : []),
    ...(isSamePlace(signals, admin) ? ['AGS_SIGNALS_CHAT_ID names no chat of its own: posts are published in the admin group.'] : []),
  ];
}

function listStoreWarnings({ roles, store, blobs, anchorUrl }: Config): string[] {
  return [
    ...(store.kind === 'supabase' && store.jwtSecret === null
      ? ['SUPABASE_JWT_SECRET is not set: every call to Supabase is made with the secret key, which may do more than one role needs.']
      : []),
    ...(roles.length === 1 && blobs.kind === 'files'
      ? ['SUPABASE_URL is not set: artifacts over 32 KiB are files under DATA_DIR, which other machines cannot read.']
      : []),
    ...(anchorUrl === null ? ['AGS_ANCHOR_URL is not set: the audit log has no anchor outside this database.'] : []),
  ];
}
