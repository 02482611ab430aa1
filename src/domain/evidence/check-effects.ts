import { toCanonicalJson } from '../ids.ts';
import type { AttemptLine, EffectLine } from './bundle.ts';
import { findDifferences, lastValue, type OnRecord } from './on-record.ts';

/** What was let out is what the gate said may leave, to the same place, on the same approval; and it ended as the chain says. */
export function checkEffects(effects: readonly EffectLine[], attempts: readonly AttemptLine[], records: readonly OnRecord[]): string[] {
  const granted = new Set(records.filter(({ action }) => action === 'effect.grant').map(({ object }) => object));
  return [
    ...[...granted].flatMap((id) => {
      const [line, another] = effects.filter(({ effect_id }) => effect_id === id);
      if (line === undefined) return [`the effect ${id}: is on record, and not in the bundle`];
      if (another !== undefined) return [`the effect ${id}: stands in the bundle more than once`];
      const own = records.filter(({ object }) => object === id);
      return [...checkEffect(line, own), ...checkMessages(line, attempts, own)];
    }),
    ...effects.filter(({ effect_id }) => !granted.has(effect_id)).map(({ effect_id }) => `the effect ${effect_id}: is not on record`),
  ];
}

function checkEffect(line: EffectLine, own: readonly OnRecord[]): string[] {
  const name = `the effect ${line.effect_id}`;
  const grant = (field: string) => lastValue(own, ['effect.grant'], field);
  const held = (field: string) => lastValue(own, ['effect.grant', 'effect.resume'], field);
  const status = lastStatus(own);
  const isOther = status !== null && line.status !== status && !(status === 'granted' && line.status === 'void');
  return [
    ...findDifferences(name, line, {
      effect_kind: grant('kind'),
      idempotency_key: grant('key'),
      artifact_checksum: grant('checksum'),
      target_chat_id: grant('target'),
      target_topic_id: grant('topic'),
      tier: String(grant('rule')).replace(/^tier /, ''),
      reference: held('reference'),
      generation: held('generation'),
    }),
    ...(isOther ? [`${name}: is ${status} on record, not ${line.status}`] : []),
  ];
}

/** As the last record says; null where people answered a doubt, whose effect is in the records that follow. A grant that lapses is void without a record of its own. */
function lastStatus(own: readonly OnRecord[]): string | null {
  const last = own.findLast(
    ({ action, after }) => action === 'effect.grant' || action === 'effect.answer' || typeof after.status === 'string',
  );
  if (last === undefined || last.action === 'effect.answer') return null;
  return last.action === 'effect.grant' ? 'granted' : String(last.after.status);
}

/** The messages of which the chain says that they arrived are those of the tries. */
function checkMessages(line: EffectLine, attempts: readonly AttemptLine[], own: readonly OnRecord[]): string[] {
  const messages = lastValue(own, ['effect.done'], 'messages');
  if (messages === undefined) return [];
  const arrived = attempts
    .filter(({ effect_id, status, message_id }) => effect_id === line.effect_id && status === 'done' && message_id !== null)
    .toSorted((one, other) => one.part - other.part)
    .map(({ chat_id, topic_id, message_id }) => ({ chat_id, topic_id, message_id }));
  return toCanonicalJson(arrived) === toCanonicalJson(messages)
    ? []
    : [`the effect ${line.effect_id}: its messages are not those on record`];
}
