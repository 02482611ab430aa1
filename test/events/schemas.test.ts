import { describe, expect, it } from 'vitest';
import { fromEventRow, listEventTypes, makeEventValidator } from '../support/event-schema.ts';

const taskId = 'T-2025-09-28-0012';
const checksum = 'a'.repeat(64);

/** One good payload per published type. */
const PAYLOADS: Record<string, Record<string, unknown>> = {
  TASK_CREATED: { actor: 'tg:111', inputs_ref: `supa://tasks/${taskId}/inputs.json` },
  STEP_READY: { node_id: 'research' },
  STEP_DONE: { inputs_ref: `supa://tasks/${taskId}/inputs.json`, outputs_ref: `supa://tasks/${taskId}/research.md`, quality_score: 0.86 },
  NEED_APPROVAL: { reference: 'T3-7F3K', tier: 'T3', checksum },
  APPROVAL_DECIDED: { reference: 'T3-7F3K', decision: 'approve' },
  EFFECT_GRANTED: { effect_id: '5d0c4f0e-3f8d-4b0e-9a51-3b6f6a1b7a11', kind: 'post' },
  PUBLISH_OK: { effect_id: '5d0c4f0e-3f8d-4b0e-9a51-3b6f6a1b7a11', messages: [{ chat_id: -1001, topic_id: null, message_id: 5 }] },
  TASK_ENDED: { status: 'done' },
  TASK_REOPENED: { status: 'expired' },
  INCIDENT_RAISED: { severity: 'high', summary: 'An effect is in doubt' },
  STOPPED: { generation: 4 },
  CHANGE_PROPOSED: { reference: 'T3-7F3K', kind: 'role_grant', checksum },
  CHANGE_DECIDED: { reference: 'T3-7F3K', decision: 'approve' },
  CHANGE_ENDED: { reference: 'T3-7F3K', kind: 'role_grant', status: 'applied' },
  BREAK_GLASS: { reference: 'T3-7F3K', state: 'open' },
  RESUMED: { generation: 4 },
  STOP_DRILLED: { outcome: 'passed', generation: 5 },
};
const WITHOUT_TASK = [
  'CHANGE_PROPOSED',
  'CHANGE_DECIDED',
  'CHANGE_ENDED',
  'NEED_APPROVAL',
  'APPROVAL_DECIDED',
  'INCIDENT_RAISED',
  'STOPPED',
  'RESUMED',
  'STOP_DRILLED',
];

function makeEvent(type: string, changes: Record<string, unknown> = {}) {
  return {
    schema_version: '1.0',
    event_id: '0b6f7a3e-9f54-4c0c-8a3e-0f9d4f6c1d2e',
    event_type: type,
    task_id: taskId,
    agent: 'researcher:v2',
    ts: '2025-09-28T08:45:17Z',
    payload: PAYLOADS[type],
    idempotency_key: `${taskId}:research:0123456789abcdef`,
    ...changes,
  };
}

const problemsOf = makeEventValidator();

it('publishes a schema for every type of this list and no other', () => {
  expect(listEventTypes()).toEqual(Object.keys(PAYLOADS).sort());
});

describe.each(Object.keys(PAYLOADS))('%s', (type) => {
  const payload = PAYLOADS[type] ?? {};
  const required = Object.keys(payload).filter(
    (key) => !['quality_score'].includes(key) && !(type === 'STEP_DONE' && key === 'inputs_ref'),
  );

  it('is good as it is, with more in its payload, and without an agent', () => {
    expect(problemsOf(makeEvent(type))).toEqual([]);
    expect(problemsOf(makeEvent(type, { payload: { ...payload, added_later: [1] }, agent: null, schema_version: '1.3' }))).toEqual([]);
  });

  it.each(required)('needs %s', (key) => {
    const { [key]: _, ...rest } = payload;
    expect(problemsOf(makeEvent(type, { payload: rest })).join()).toContain(key);
    expect(problemsOf(makeEvent(type, { payload: { ...payload, [key]: { wrong: true } } }))).not.toEqual([]);
  });

  it('belongs to a task, unless it may stand alone', () => {
    const isGood = problemsOf(makeEvent(type, { task_id: null })).length === 0;
    expect(isGood).toBe(WITHOUT_TASK.includes(type));
  });
});

describe('the envelope', () => {
  it.each(Object.keys(makeEvent('STEP_READY')))('needs %s', (key) => {
    const { [key]: _, ...rest } = makeEvent('STEP_READY') as Record<string, unknown>;
    expect(problemsOf(rest)).not.toEqual([]);
  });

  it.each([
    ['schema_version', '2.0'],
    ['event_id', '12'],
    ['task_id', 'T-1'],
    ['agent', ''],
    ['ts', '2025-09-28 08:45:17'],
    ['ts', '2025-09-28T10:45:17+02:00'],
    ['payload', []],
    ['idempotency_key', ''],
  ])('refuses %s = %j', (key, value) => {
    expect(problemsOf(makeEvent('STEP_READY', { [key]: value }))).not.toEqual([]);
  });

  it('takes the time as PostgreSQL writes it', () => {
    expect(problemsOf(makeEvent('STEP_READY', { ts: '2025-09-28T08:45:17.123456+00:00' }))).toEqual([]);
  });

  it('is made of a row of events', () => {
    const { event_type, payload, ...rest } = makeEvent('STEP_READY');
    const row = { ...rest, type: event_type, payload_json: payload, step_id: `${taskId}/research`, ts: new Date('2025-09-28T08:45:17Z') };
    expect(problemsOf(fromEventRow(row))).toEqual([]);
  });

  it('refuses a type that nobody published', () => {
    expect(problemsOf(makeEvent('STEP_LOST', { payload: {} }))).toEqual([expect.stringContaining('STEP_LOST')]);
    expect(problemsOf(null)).toHaveLength(1);
  });
});
