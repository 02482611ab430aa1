import { afterAll, beforeEach, expect, test } from 'vitest';
import { reserveSpend } from '../../../src/store/budget.ts';
import { recordCard } from '../../../src/store/cards.ts';
import { decideDoubt, openDoubtCard } from '../../../src/store/effects.ts';
import { closeIncidents, resolveIncident, sweepIncidents } from '../../../src/store/incidents.ts';
import { approveTask, askTask, claim, grant, openStory, sendPart, settle, startTask, toHeld } from '../../support/stories.ts';
import { PEOPLE, PLACES, restoreRoles, revokeRole } from '../../support/story-world.ts';
import { findId, listIds, showCard } from './support.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

beforeEach(() => db.sql('delete from public.buttons; delete from public.cards; delete from public.incidents'));

const loadEnd = async (id: string) =>
  (await db.sql('select state, resolved_by, resolution from public.incidents where incident_id = $1', [id]))[0];
const BY_ITSELF = { state: 'resolved', resolved_by: 'system', resolution: 'its cause is over' };

test('an effect in doubt, when people have answered; before that nobody can wave it away', async () => {
  const effect = await grant(db, (await approveTask(db)).taskId);
  await sendPart(db, effect.effectId, 1);
  await settle(db, effect, 'again');
  const { press, incident } = await showCard(db, await findId(db, 'effect_in_doubt'));
  expect(incident).toMatchObject({
    severity: 'critical',
    runbook: 'desync',
    evidence: { effect_id: effect.effectId, tier: 'T2' },
    taskIds: [effect.held.task.taskId],
  });
  expect(await closeIncidents(worker)).toEqual({ closed: 0 });
  expect(await resolveIncident(bot, press(PEOPLE.owner))).toMatchObject({ code: 'still_there', incident: { state: 'open' } });
  const { card } = await openDoubtCard(bot, effect.effectId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 800);
  await decideDoubt(bot, { token: card.token, chatId: PLACES.admin, messageId: 800, externalId: PEOPLE.operator, answer: 'landed' });
  expect(await closeIncidents(worker)).toEqual({ closed: 1 });
  expect(await loadEnd(incident.incidentId)).toEqual(BY_ITSELF);
});

test('a request that nobody can approve, when somebody can again; looking again raises nothing twice', async () => {
  const { taskId } = await askTask(db);
  for (const person of [PEOPLE.owner, PEOPLE.secondOwner, PEOPLE.operator, PEOPLE.secondOperator]) await revokeRole(db, person);
  await sweepIncidents(worker);
  await sweepIncidents(worker);
  const id = await findId(db, 'nobody_approves');
  const { incident } = await showCard(db, id);
  expect(incident).toMatchObject({ severity: 'critical', occurrenceCount: 1, taskIds: [taskId], evidence: { tier: 'T2' } });
  expect(await closeIncidents(worker)).toEqual({ closed: 0 });
  await restoreRoles(db);
  expect(await closeIncidents(worker)).toEqual({ closed: 1 });
  expect(await loadEnd(id)).toEqual(BY_ITSELF);
});

test('anchors that cannot be kept, after ten minutes of it, until they are', async () => {
  await db.sql(`insert into public.anchors (anchor_number, prev_hash, record_count, chain_count, merkle_root, hash, made_at)
    values (1, repeat('0', 64), 1, 1, repeat('a', 64), repeat('b', 64), now())`);
  await db.sql(`insert into public.anchor_problems (place, anchor_number, problem) values ('url', 1, 'it does not answer')`);
  await sweepIncidents(worker);
  expect(await listIds(db, 'anchor_unkept')).toEqual([]);
  await db.sql(`update public.anchor_problems set since = now() - interval '11 minutes'`);
  await sweepIncidents(worker);
  const id = await findId(db, 'anchor_unkept');
  await db.sql('delete from public.anchor_problems');
  await closeIncidents(worker);
  expect(await loadEnd(id)).toEqual(BY_ITSELF);
});

test('a used-up day, with the day', async () => {
  await db.sql(`update public.policies set document = jsonb_set(document, '{budgets,day_usd}', '"0.5"')`);
  const held = await claim(db, `${await startTask(db)}/plan`);
  for (let ask = 1; ask <= 2; ask += 1) {
    expect(await reserveSpend(worker, toHeld(held), { engine: 'default', tokens: 1, costUsd: '0.6' })).toMatchObject({
      isGranted: false,
      budget: 'day_usd',
    });
  }
  const id = await findId(db, 'budget_day');
  expect((await showCard(db, id)).incident).toMatchObject({ occurrenceCount: 2, evidence: { limit_usd: '0.5' } });
  await closeIncidents(worker);
  expect(await loadEnd(id)).toMatchObject({ state: 'open' });
  await db.sql(`update public.incidents set evidence = jsonb_set(evidence, '{day}', '"2025-01-01"')`);
  await closeIncidents(worker);
  expect(await loadEnd(id)).toEqual(BY_ITSELF);
});
