import type { DecisionLine, RequestLine } from './bundle.ts';
import { findDifferences, type OnRecord } from './on-record.ts';

/** What people were asked is what the chain says they were asked, and it ended as it says. */
export function checkRequests(requests: readonly RequestLine[], records: readonly OnRecord[]): string[] {
  const asked = records.filter(({ action }) => action === 'approval.ask');
  return [
    ...asked.flatMap((record) => checkRequest(record, requests, records)),
    ...requests
      .filter(({ reference }) => !asked.some(({ object }) => object === reference))
      .map(({ reference }) => `the request ${reference}: is not on record`),
  ];
}

function checkRequest({ object, after }: OnRecord, requests: readonly RequestLine[], records: readonly OnRecord[]): string[] {
  const name = `the request ${object}`;
  const [line, another] = requests.filter(({ reference }) => reference === object);
  if (line === undefined) return [`${name}: is on record, and not in the bundle`];
  if (another !== undefined) return [`${name}: stands in the bundle more than once`];
  const { step_id, version, checksum, target, topic, action, tier, slots, policy_version, requirements } = after;
  const onRecord = { step_id, version, action, tier, slots, policy_version, requirements };
  return [
    ...findDifferences(name, line, { ...onRecord, artifact_checksum: checksum, target_chat_id: target, target_topic_id: topic }),
    ...(hasEndOnRecord(line, records) ? [] : [`${name}: that it is ${line.status} is not on record`]),
  ];
}

/** A request that is still open has none of these ends; each end has its own record. */
function hasEndOnRecord({ reference, status }: RequestLine, records: readonly OnRecord[]): boolean {
  const has = (wanted: string) => records.some(({ action, object }) => action === wanted && object === reference);
  const isPassed = records.some(({ action, after }) => action === 'step.complete' && after.reference === reference);
  const isEnded = records.some(({ action }) => action === 'task.end');
  switch (status) {
    case 'approved':
      return isPassed;
    case 'rejected':
      return has('approval.reject');
    case 'expired':
      return has('approval.expire');
    case 'void':
      return has('approval.void') || isEnded;
    default:
      return !isPassed && !has('approval.reject') && !has('approval.expire') && !has('approval.void');
  }
}

/** A decision stands in the chain too, by the same person, over the same bytes; and none that stands there was left out. */
export function checkDecisions(decisions: readonly DecisionLine[], records: readonly OnRecord[]): string[] {
  const decided = records.filter(({ action }) => action === 'approval.approve' || action === 'approval.reject');
  return [
    ...decided
      .filter(({ action, object, actor }) => !decisions.some((line) => isKept(line, action, object, actor)))
      .map(({ action, object, actor }) => `the decision “${toWord(action)}” of ${actor} on ${object}: is on record, and not in the bundle`),
    ...decisions
      .filter((line) => !records.some((record) => isRecordOf(record, line)))
      .map(({ reference, approver, decision }) => `the decision “${decision}” of ${approver} on ${reference}: is not on record`),
  ];
}

const toWord = (action: string): string => action.slice('approval.'.length);

/** Whoever rejects after approving has one line, and it says so; it may name another account of the same person. */
function isKept({ reference, approver, decision }: DecisionLine, action: string, object: string, actor: string): boolean {
  if (reference !== object) return false;
  return action === 'approval.reject' ? decision === 'reject' : approver === actor;
}

function isRecordOf({ action, object, actor, after }: OnRecord, line: DecisionLine): boolean {
  if (after.checksum !== line.artifact_checksum) return false;
  // Both people of a break-glass fill slots; its own record names them.
  if (action === 'glass.open') {
    const isOneOfThem = after.opened_by === line.approver || after.confirmed_by === line.approver;
    return isOneOfThem && line.decision === 'approve' && after.reference === line.reference;
  }
  return (
    action === `approval.${line.decision}` &&
    object === line.reference &&
    actor === line.approver &&
    (line.decision === 'reject' || after.role === line.role)
  );
}
