import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeResumeCardView, toHeldFacts } from '../../../src/bot/views/resume-card.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { recordCard } from '../../../src/store/cards.ts';
import { decideDoubt, openDoubtCard } from '../../../src/store/effects.ts';
import { openRunbookCard, proposeRunbook, startRunbook } from '../../../src/store/runbooks.ts';
import { openResumeCard, resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { askedGlass, forgetGlasses } from '../../support/break-glass.ts';
import { decideAs, grantRole, openChange } from '../../support/changes.ts';
import { approve, askTask, grant, sendPart, settle } from '../../support/stories.ts';
import { PUBLISH_IS_T3 } from '../../support/story-world.ts';
import { ADMIN, type CardStage, findLost, openCardStage } from './support.ts';

const { adam, bella, max, olivia, rita } = PERSONAS;
let stage: CardStage;
beforeAll(async () => {
  stage = await openCardStage(PUBLISH_IS_T3);
});
afterAll(() => stage[Symbol.asyncDispose]());

const says = (chatId: number, words: string) => stage.telegram.history(chatId).some(({ text }) => text?.includes(words));
/** How many cards of a kind are looked after still. */
const countUnsettled = async (kind: string) =>
  (await stage.db.sql('select count(*)::int as count from public.cards where kind = $1 and not is_settled', [kind]))[0]?.count;

test('the card of a doubt: after one of two has answered, and when it is settled', async () => {
  const request = await stage.ask();
  await approve(stage.db, request.reference, bella.id);
  await approve(stage.db, request.reference, olivia.id);
  const granted = await grant(stage.db, request.taskId);
  await sendPart(stage.db, granted.effectId, 1, 'in_doubt');
  await settle(stage.db, granted, 'failed');
  await stage.cards.askDoubt(granted.effectId);
  expect(await findLost(stage, 'doubt.show')).toEqual([]);
  const { card } = await openDoubtCard(stage.db.rpc('ags_bot'), granted.effectId, ADMIN);
  const press = { token: card.token, chatId: card.chatId, messageId: card.messageId ?? 0 };
  const answer = (externalId: number) => decideDoubt(stage.db.rpc('ags_bot'), { ...press, externalId, answer: 'again' });
  for (const [person, outcome, words] of [
    [bella, 'first_of_two', 'Bella asks to send again'],
    [olivia, 'recorded', 'by the word of Bella and Olivia'],
  ] as const) {
    // The nudge is lost each time: nobody draws.
    expect(await answer(person.id)).toMatchObject({ outcome });
    expect(await findLost(stage, 'doubt.show')).toEqual([granted.effectId]);
    expect(says(ADMIN.chatId, words)).toBe(false);
    await stage.cards.askDoubt(granted.effectId);
    expect(says(ADMIN.chatId, words)).toBe(true);
    expect(await findLost(stage, 'doubt.show')).toEqual([]);
  }
  expect(await countUnsettled('doubt')).toBe(0);
});

test('the card of a change, also the copies in private chats', async () => {
  await stage.start(adam.id);
  const change = await openChange(stage.db, grantRole(max.id, 'reviewer'));
  await stage.cards.showChange(change.changeId);
  expect(says(adam.id, change.reference)).toBe(true);
  expect(await findLost(stage, 'change.show')).toEqual([]);
  await decideAs(stage.db, change, bella.id, { decision: 'reject', reason: 'not now' });
  await stage.db.sql('update public.changes set tell_requested_at = null');
  expect(await findLost(stage, 'change.show')).toEqual([change.changeId]);
  await stage.cards.showChange(change.changeId);
  for (const chatId of [ADMIN.chatId, adam.id]) expect(says(chatId, 'not now')).toBe(true);
  expect(await findLost(stage, 'change.show')).toEqual([]);
  expect(await countUnsettled('change')).toBe(0);
});

test('the card of a break-glass, in the admin group and in the alert channel, until it has been reviewed', async () => {
  const { taskId } = await askTask(stage.db, { by: bella.id });
  const { changeId, reference } = await askedGlass(stage.db, taskId);
  await stage.cards.showChange(changeId);
  await decideAs(stage.db, { reference }, adam.id);
  await stage.db.sql('update public.changes set tell_requested_at = null');
  expect(await findLost(stage, 'change.show')).toEqual([changeId]);
  await stage.cards.showChange(changeId);
  expect(await findLost(stage, 'change.show')).toEqual([]);
  expect(await countUnsettled('change')).toBeGreaterThan(0);
  for (const chatId of [ADMIN.chatId, CHATS.alerts.id]) expect(says(chatId, 'Adam')).toBe(true);
  await forgetGlasses(stage.db);
});

test('the message of a runbook', async () => {
  const rpc = stage.db.rpc('ags_bot');
  const { run } = await proposeRunbook(rpc, { externalId: olivia.id, name: 'desync', subject: null, ...ADMIN });
  const runId = String(run?.runId);
  await stage.cards.showRunbook(runId, []);
  expect(await findLost(stage, 'runbook.run')).toEqual([]);
  const { card } = await openRunbookCard(rpc, runId);
  const press = { token: card.token, chatId: card.chatId, messageId: card.messageId ?? 0, externalId: olivia.id };
  expect(await startRunbook(rpc, press)).toMatchObject({ code: null });
  expect(await findLost(stage, 'runbook.run')).toEqual([runId]);
  await stage.cards.showRunbook(runId, []);
  expect(says(ADMIN.chatId, '⏳ Runbook desync')).toBe(true);
  expect(await findLost(stage, 'runbook.run')).toEqual([]);
});

/** Stopped, and one person has asked to go on: their card stands in the admin group. */
async function askToResume() {
  const rpc = stage.db.rpc('ags_bot');
  await stopEffects(rpc, { externalId: rita.id, reason: 'wrong price', scope: 'effects' });
  const asked = await resumeEffects(rpc, { externalId: adam.id, reason: '' });
  const { token, cardId } = await openResumeCard(rpc, ADMIN);
  const facts = { stop: asked.stop, needs: asked.needs ?? '', ...toHeldFacts(asked) };
  const { messageId } = await stage.outbound.send(ADMIN, makeResumeCardView(facts, token));
  await recordCard(rpc, cardId, messageId);
  return { generation: String(asked.stop.generation), said: () => stage.telegram.message(ADMIN.chatId, messageId) };
}

test('the card on which a stop is lifted: when it was lifted, and when it was stopped again first', async () => {
  const rpc = stage.db.rpc('ags_bot');
  const over = await askToResume();
  expect(await findLost(stage, 'resume.show')).toEqual([]);
  await stopEffects(rpc, { externalId: rita.id, reason: 'all of it', scope: 'all' });
  expect(await findLost(stage, 'resume.show')).toEqual([over.generation]);
  await stage.cards.endResumeCards();
  expect(over.said()?.text).toMatch(/^⚪️ Over: it was stopped again/);
  expect(over.said()?.reply_markup).toBeUndefined();
  for (const { id } of [adam, olivia]) await resumeEffects(rpc, { externalId: id, reason: '' });

  const lifted = await askToResume();
  expect(await resumeEffects(rpc, { externalId: olivia.id, reason: '' })).toMatchObject({ outcome: 'resumed' });
  expect(await findLost(stage, 'resume.show')).toEqual([lifted.generation]);
  await stage.cards.endResumeCards();
  expect(lifted.said()?.text).toBe('▶️ Resumed by Adam and Olivia. What waited goes on.');
  expect(await findLost(stage, 'resume.show')).toEqual([]);
  expect(over.said()?.text).toMatch(/^⚪️ Over/);
  expect(await countUnsettled('resume')).toBe(0);
});

test('a dry run that nobody ran is looked after no longer than it can be run', async () => {
  const { run } = await proposeRunbook(stage.db.rpc('ags_bot'), {
    externalId: olivia.id,
    name: 'tool-failure',
    subject: 'default',
    ...ADMIN,
  });
  await stage.cards.showRunbook(String(run?.runId), []);
  const before = Number(await countUnsettled('runbook'));
  await stage.db.sql(`update public.runbook_runs set created_at = created_at - interval '2 hours' where run_id = $1`, [run?.runId]);
  expect(await findLost(stage, 'runbook.run')).toEqual([]);
  expect(await countUnsettled('runbook')).toBe(before - 1);
});
