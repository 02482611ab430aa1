import { z } from 'zod';
import { Card } from './cards.ts';
import { Deliveries } from './delivery.ts';
import { fromSnake, Timestamp } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

export const INCIDENT_KINDS = [
  'step_quarantined',
  'effect_in_doubt',
  'update_dead',
  'stop_drill',
  'anchor_unkept',
  'audit_broken',
  'row_tampered',
  'chat_moved',
  'token_conflict',
  'budget_day',
  'nobody_approves',
  'breaker_open',
  'review_overdue',
  'factor_locked',
  'fallback_check',
  'effect_parked',
  'prompts_changed',
  'chat_shut',
] as const;
export type IncidentKind = (typeof INCIDENT_KINDS)[number];

export const SEVERITIES = ['critical', 'warning'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const INCIDENT_STATES = ['open', 'acked', 'muted', 'resolved'] as const;

/** What needs people: one row, and one message in the alert channel, however often it repeats. */
export const Incident = fromSnake({
  incidentId: z.string(),
  kind: z.enum(INCIDENT_KINDS),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  /** Ids, codes and numbers of the newest occurrence. */
  evidence: z.record(z.string(), z.unknown()),
  taskIds: z.array(z.string()),
  occurrenceCount: z.number().int(),
  firstSeenAt: Timestamp,
  lastSeenAt: Timestamp,
  state: z.enum(INCIDENT_STATES),
  ackedByName: z.string().nullable(),
  ackedAt: Timestamp.nullable(),
  mutedByName: z.string().nullable(),
  mutedUntil: Timestamp.nullable(),
  /** Null when it ended by itself. */
  resolvedByName: z.string().nullable(),
  resolvedAt: Timestamp.nullable(),
  resolution: z.string().nullable(),
  runbook: z.string().nullable(),
  /** Rises with each change; what was shown is recorded by it. */
  changeSeq: z.number().int(),
});
export type Incident = z.infer<typeof Incident>;

/** An incident as `/status` lists it. */
export const OpenIncident = fromSnake({
  kind: z.enum(INCIDENT_KINDS),
  severity: z.enum(SEVERITIES),
  title: z.string(),
  state: z.enum(INCIDENT_STATES),
  occurrenceCount: z.number().int(),
  firstSeenAt: Timestamp,
});
export type OpenIncident = z.infer<typeof OpenIncident>;

/** What only a process can see; everything else the rows say themselves. */
export interface Trouble {
  kind: Extract<IncidentKind, 'audit_broken' | 'row_tampered' | 'token_conflict'>;
  /** The same key is the same trouble. */
  key: string;
  severity: Severity;
  title: string;
  /** Ids, codes and numbers; never what people or models wrote. */
  evidence?: Record<string, string | number | boolean | null>;
}

/** As `ags_bot` or `ags_worker`. */
export async function raiseIncident(rpc: Rpc, { kind, key, severity, title, evidence = {} }: Trouble): Promise<void> {
  await rpc.call('raise_incident', { p_kind: kind, p_key: key, p_severity: severity, p_title: title, p_evidence: evidence }, Nothing);
}

/** The one message of an incident in a chat. As `ags_bot` or `ags_worker`. */
export function openIncidentCard(rpc: Rpc, incidentId: string, chat: { chatId: number; topicId: number | null }) {
  const args = { p_incident_id: incidentId, p_chat_id: chat.chatId, p_topic_id: chat.topicId };
  return rpc.call('open_incident_card', args, fromSnake({ incident: Incident, card: Card }));
}

/** Its message says what the row said at this change. As `ags_bot` or `ags_worker`. */
export async function recordIncidentShown(rpc: Rpc, { incidentId, changeSeq }: Pick<Incident, 'incidentId' | 'changeSeq'>): Promise<void> {
  await rpc.call('record_incident_shown', { p_incident_id: incidentId, p_seq: changeSeq }, Nothing);
}

export const INCIDENT_CODES = ['unknown_button', 'wrong_message', 'no_role', 'already_acked', 'already_resolved', 'still_there'] as const;
export type IncidentCode = (typeof INCIDENT_CODES)[number];

/** A press on the message of an incident: who, where, with which token. */
export interface IncidentPress {
  token: string;
  chatId: number;
  messageId: number;
  externalId: number;
}

const PressOutcome = fromSnake({ code: z.enum(INCIDENT_CODES).nullable(), incident: Incident.nullable() });
export type IncidentPressOutcome = z.infer<typeof PressOutcome>;

const toArgs = ({ token, chatId, messageId, externalId }: IncidentPress) => ({
  p_token: token,
  p_chat_id: chatId,
  p_message_id: messageId,
  p_external_id: externalId,
});

/** Somebody looks after it. As `ags_bot`. */
export const ackIncident = (rpc: Rpc, press: IncidentPress) => rpc.call('ack_incident', toArgs(press), PressOutcome);

/** Repeats are counted and not shown for a while. As `ags_bot`. */
export const muteIncident = (rpc: Rpc, press: IncidentPress, seconds: number) =>
  rpc.call('mute_incident', { ...toArgs(press), p_seconds: seconds }, PressOutcome);

/** Somebody says that it is over. As `ags_bot`. */
export const resolveIncident = (rpc: Rpc, press: IncidentPress) => rpc.call('resolve_incident', toArgs(press), PressOutcome);

/** The runbook that helps, and the tool that it is about. As `ags_bot`. */
export const openIncidentRunbook = (rpc: Rpc, press: IncidentPress) =>
  rpc.call(
    'open_incident_runbook',
    toArgs(press),
    fromSnake({ code: z.enum(INCIDENT_CODES).nullable(), runbook: z.string().nullable(), subject: z.string().nullable() }),
  );

const PostMortemFacts = fromSnake({
  code: z.enum(INCIDENT_CODES).nullable(),
  incident: Incident.nullable(),
  tasks: z.array(fromSnake({ taskId: z.string(), status: z.string(), tier: z.string().nullable(), failureCode: z.string().nullable() })),
  timeline: z.array(fromSnake({ ts: Timestamp, actor: z.string(), name: z.string().nullable(), what: z.string(), object: z.string() })),
});
export type PostMortemFacts = z.infer<typeof PostMortemFacts>;

/** What the trail knows about it, for whoever holds a role. As `ags_bot`. */
export const loadPostMortem = (rpc: Rpc, press: IncidentPress) => rpc.call('get_post_mortem', toArgs(press), PostMortemFacts);

/** Raises what the rows say is wrong, and gives the nudges for messages that are out of date. As `ags_worker`. */
export function sweepIncidents(rpc: Rpc) {
  return rpc.call('sweep_incidents', {}, fromSnake({ deliver: Deliveries }));
}

/** Resolves every incident whose cause has ended by itself. As `ags_worker`. */
export function closeIncidents(rpc: Rpc) {
  return rpc.call('close_incidents', {}, fromSnake({ closed: z.number().int() }));
}
