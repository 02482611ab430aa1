import { afterAll, beforeEach, expect, test } from 'vitest';
import { closeIncidents, recordIncidentShown, resolveIncident, sweepIncidents } from '../../../src/store/incidents.ts';
import { loadSystemStatus } from '../../../src/store/system.ts';
import { openStory } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';
import { findId, listIds, quarantine, showCard } from './support.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

beforeEach(() => db.sql('delete from public.buttons; delete from public.cards; delete from public.incidents; delete from public.events'));

const listEvents = () => db.sql(`select payload_json from public.events where type = 'INCIDENT_RAISED'`);
const listDue = async () => (await sweepIncidents(worker)).deliver.map(({ job, id }) => `${job} ${id}`);
const passSeconds = (seconds: number) =>
  db.sql(`update public.incidents set shown_at = shown_at - make_interval(secs => $1), nudged_at = nudged_at - make_interval(secs => $1)`, [
    seconds,
  ]);

test('the first makes a row and the event, every further one is counted on it, with its tasks', async () => {
  const tasks = [await quarantine(db), await quarantine(db), await quarantine(db)];
  const { incident } = await showCard(db, await findId(db, 'step_quarantined'));
  expect(incident).toMatchObject({ severity: 'warning', state: 'open', occurrenceCount: 3, taskIds: tasks, runbook: 'tool-failure' });
  expect(incident.evidence).toMatchObject({ code: 'internal', step_id: `${tasks[2]}/plan` });
  expect(await listEvents()).toEqual([
    {
      payload_json: expect.objectContaining({
        severity: 'warning',
        summary: 'a step was quarantined after its last try',
        incident_id: incident.incidentId,
      }),
    },
  ]);
  expect(await loadSystemStatus(bot)).toMatchObject({ incidentsOpen: 1, incidents: [{ title: incident.title, occurrenceCount: 3 }] });
});

test('another cause is another incident; after the end of one the same cause is a new one', async () => {
  await quarantine(db, 'internal');
  const { press, incident } = await showCard(db, await findId(db, 'step_quarantined'));
  await db.sql(`select public._raise_incident('step_quarantined', 'planner:other', 'critical', 'another cause')`);
  expect(await listIds(db, 'step_quarantined')).toHaveLength(2);
  expect(await resolveIncident(bot, press(PEOPLE.operator))).toMatchObject({
    code: null,
    incident: { state: 'resolved', resolvedByName: 'Adam' },
  });
  await quarantine(db, 'internal');
  expect(await listIds(db, 'step_quarantined')).toHaveLength(3);
  expect(await listEvents()).toHaveLength(3);
  expect((await showCard(db, incident.incidentId)).incident).toMatchObject({ occurrenceCount: 1, state: 'resolved' });
});

test('a storm of repeats is one drawing every ten seconds, and the last state is drawn', async () => {
  await quarantine(db);
  const id = await findId(db, 'step_quarantined');
  expect(await listDue()).toEqual([`incident.show ${id}`]);
  expect(await listDue()).toEqual([]);
  const { incident } = await showCard(db, id);
  for (let repeat = 1; repeat <= 5; repeat += 1) await quarantine(db);
  // What was drawn meanwhile is what the row said before.
  await recordIncidentShown(worker, incident);
  expect(await listDue()).toEqual([]);
  await passSeconds(10);
  expect(await listDue()).toEqual([`incident.show ${id}`]);
  await recordIncidentShown(worker, (await showCard(db, id)).incident);
  await passSeconds(60);
  expect(await listDue()).toEqual([]);
});

test('a drawing that never came back is asked for again', async () => {
  await quarantine(db);
  await listDue();
  await passSeconds(11);
  expect(await listDue()).toHaveLength(1);
});

test('only the newest fifty tasks are kept, and the worst severity stays', async () => {
  for (let index = 1; index <= 60; index += 1) {
    await db.sql(`select public._raise_incident('update_dead', 'inbox', $1, 'dead')`, [index === 7 ? 'critical' : 'warning']);
  }
  const taskId = await quarantine(db);
  await db.sql(`update public.incidents set task_ids = array(select 'T-' || n from generate_series(1, 50) n)`);
  await quarantine(db);
  const { incident } = await showCard(db, await findId(db, 'step_quarantined'));
  expect(incident.taskIds).toHaveLength(50);
  expect(incident.taskIds).not.toContain(taskId);
  expect((await showCard(db, await findId(db, 'update_dead'), 901)).incident).toMatchObject({ occurrenceCount: 60, severity: 'critical' });
});

test('nothing is closed while only people can say that it is over', async () => {
  await quarantine(db);
  expect(await closeIncidents(worker)).toEqual({ closed: 0 });
});
