import { afterAll, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import {
  ackIncident,
  loadPostMortem,
  muteIncident,
  openIncidentRunbook,
  raiseIncident,
  resolveIncident,
  sweepIncidents,
} from '../../../src/store/incidents.ts';
import { openStory } from '../../support/stories.ts';
import { lastRecord, PEOPLE } from '../../support/story-world.ts';
import { findId, quarantine, showCard } from './support.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

beforeEach(() => db.sql('delete from public.buttons; delete from public.cards; delete from public.incidents'));

async function raise() {
  const taskId = await quarantine(db);
  const id = await findId(db, 'step_quarantined');
  return { taskId, id, ...(await showCard(db, id)) };
}

const loadState = async (id: string) =>
  (await db.sql('select state, occurrence_count::int as count from public.incidents where incident_id = $1', [id]))[0];

test.each([
  ['a stranger', PEOPLE.stranger],
  ['a reviewer', PEOPLE.reviewer],
])('%s changes nothing, and it is on record', async (_who, externalId) => {
  const { press, id } = await raise();
  for (const act of [ackIncident, resolveIncident])
    expect(await act(bot, press(externalId))).toMatchObject({ code: 'no_role', incident: { state: 'open' } });
  expect(await muteIncident(bot, press(externalId), 3600)).toMatchObject({ code: 'no_role' });
  expect(await openIncidentRunbook(bot, press(externalId))).toMatchObject({ code: 'no_role' });
  expect(await lastRecord(db, 'system')).toMatchObject({
    actor: `tg:${externalId}`,
    action: 'incident.refuse',
    after: { code: 'no_role', asked: 'runbook' },
  });
  expect(await loadState(id)).toMatchObject({ state: 'open' });
});

test('a button counts on its own message alone', async () => {
  const { press, id } = await raise();
  expect(await ackIncident(bot, { ...press(PEOPLE.operator), messageId: 901 })).toMatchObject({ code: 'wrong_message', incident: null });
  expect(await ackIncident(bot, { ...press(PEOPLE.operator), chatId: -1 })).toMatchObject({ code: 'wrong_message' });
  expect(await ackIncident(bot, { ...press(PEOPLE.operator), token: 'A'.repeat(22) })).toMatchObject({ code: 'unknown_button' });
  expect(await loadState(id)).toMatchObject({ state: 'open' });
});

test('the first who acks is at it; a second one is told; it repeats and stays acked', async () => {
  const { press, id } = await raise();
  expect(await ackIncident(bot, press(PEOPLE.operator))).toMatchObject({ code: null, incident: { state: 'acked', ackedByName: 'Adam' } });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:111', action: 'incident.ack', object: `incident:${id}` });
  expect(await ackIncident(bot, press(PEOPLE.owner))).toMatchObject({ code: 'already_acked', incident: { ackedByName: 'Adam' } });
  await quarantine(db);
  expect(await loadState(id)).toEqual({ state: 'acked', count: 2 });
});

test('what is muted is counted and not shown, until the time is over', async () => {
  const { press, id, incident } = await raise();
  expect(incident.changeSeq).toBe(1);
  expect(await muteIncident(bot, press(PEOPLE.owner), 3600)).toMatchObject({
    code: null,
    incident: { state: 'muted', mutedByName: 'Olivia' },
  });
  await quarantine(db);
  expect(await sweepIncidents(worker)).toEqual({ deliver: [] });
  expect(await ackIncident(bot, press(PEOPLE.operator))).toMatchObject({
    incident: { state: 'muted', ackedByName: 'Adam', occurrenceCount: 2 },
  });
  await db.sql(`update public.incidents set muted_until = now() - interval '1 second'`);
  expect((await sweepIncidents(worker)).deliver).toMatchObject([{ job: 'incident.show', id }]);
  expect(await loadState(id)).toMatchObject({ state: 'acked' });
});

test('what ends is over: nothing can be done about it but the post-mortem', async () => {
  const { press, taskId } = await raise();
  await ackIncident(bot, press(PEOPLE.operator));
  await resolveIncident(bot, press(PEOPLE.secondOperator));
  for (const act of [ackIncident, resolveIncident]) expect(await act(bot, press(PEOPLE.owner))).toMatchObject({ code: 'already_resolved' });
  expect(await loadPostMortem(bot, press(PEOPLE.stranger))).toMatchObject({ code: 'no_role', timeline: [] });
  const facts = await loadPostMortem(bot, press(PEOPLE.reviewer));
  expect(facts).toMatchObject({
    code: null,
    incident: { ackedByName: 'Adam', resolvedByName: 'Bella' },
    tasks: [{ taskId, status: 'failed', failureCode: 'internal' }],
  });
  expect(facts.timeline.map(({ what }) => what)).toEqual(
    expect.arrayContaining(['task.create', 'step.fail', 'INCIDENT_RAISED', 'task.end', 'incident.ack', 'incident.resolve']),
  );
  expect(facts.timeline).toContainEqual(expect.objectContaining({ what: 'incident.ack', actor: 'tg:111', name: 'Adam' }));
  expect(facts.timeline.map(({ ts }) => ts)).toEqual(facts.timeline.map(({ ts }) => ts).toSorted());
});

test.each([59, 86_401])('nobody mutes for %i seconds', async (seconds) => {
  const { press } = await raise();
  await expect(muteIncident(bot, press(PEOPLE.owner), seconds)).rejects.toMatchObject({ code: 'input_invalid' });
});

test('a process raises what only it can see, and nothing that the rows say', async () => {
  const trouble = { key: 'log', severity: 'critical', title: 'it broke' } as const;
  await raiseIncident(bot, { ...trouble, kind: 'audit_broken' });
  await raiseIncident(worker, { ...trouble, kind: 'audit_broken' });
  const { incident } = await showCard(db, await findId(db, 'audit_broken'));
  expect(incident).toMatchObject({ occurrenceCount: 2, severity: 'critical' });
  const forged = { p_kind: 'effect_in_doubt', p_key: 'x', p_severity: 'critical', p_title: 'x', p_evidence: {} };
  await expect(bot.call('raise_incident', forged, z.unknown())).rejects.toMatchObject({ code: 'input_invalid' });
});
