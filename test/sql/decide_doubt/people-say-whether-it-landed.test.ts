import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { recordCard } from '../../../src/store/cards.ts';
import { type DoubtAnswer, decideDoubt, openDoubtCard } from '../../../src/store/effects.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { approveTask, authorize, claim, grant, loadTask, openStory, runToEnd, sendPart, settle } from '../../support/stories.ts';
import { changePolicy, lastRecord, PEOPLE, PLACES, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');

/** A post of which the given part left, and nobody knows whether it arrived. */
async function doubt({ parts = 1, lost = 1 } = {}) {
  const effect = await grant(db, (await approveTask(db, { parts })).taskId, { parts });
  for (let part = 1; part < lost; part += 1) await sendPart(db, effect.effectId, part, 'done');
  const { attemptId } = await sendPart(db, effect.effectId, lost);
  await settle(db, effect, 'again');
  const { card } = await openDoubtCard(bot, effect.effectId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 800);
  const press = (externalId: number, answer: DoubtAnswer, where: Partial<{ messageId: number; chatId: number; token: string }> = {}) =>
    decideDoubt(bot, { token: card.token, chatId: PLACES.admin, messageId: 800, externalId, answer, ...where });
  return { ...effect, taskId: effect.held.task.taskId, attemptId: String(attemptId), press };
}

test('landed: the effect is done on a person’s word, and the task goes on', async () => {
  const { taskId, press } = await doubt();
  expect(await press(PEOPLE.operator, 'landed')).toMatchObject({
    outcome: 'recorded',
    effect: { status: 'done', outcomeNote: 'taken as landed by tg:111' },
  });
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
});

test('landed in part: the parts that nobody has tried still go out', async () => {
  const { taskId, effectId, press, held } = await doubt({ parts: 3, lost: 2 });
  const { effect, deliver } = await press(PEOPLE.operator, 'landed');
  expect(effect).toMatchObject({ status: 'granted' });
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: held.step.stepId }));
  const next = await claim(db, held.step.stepId);
  expect(await authorize(db, next)).toMatchObject({ verdict: 'exists' });
  expect(await sendPart(db, effectId, 2)).toMatchObject({ code: 'already_sent' });
  await sendPart(db, effectId, 3, 'done');
  await settle(db, { held: next, effectId }, 'done');
  expect((await loadTask(db, taskId)).effects).toMatchObject([{ status: 'done' }]);
});

test('again: what is in doubt goes out once more, what has landed does not', async () => {
  const { effectId, press, held } = await doubt({ parts: 2, lost: 2 });
  expect(await press(PEOPLE.operator, 'again')).toMatchObject({ outcome: 'recorded', effect: { status: 'granted' } });
  const next = await claim(db, held.step.stepId);
  expect(await authorize(db, next)).toMatchObject({ verdict: 'exists' });
  expect(await sendPart(db, effectId, 1)).toMatchObject({ code: 'already_sent' });
  await sendPart(db, effectId, 2, 'done');
  await settle(db, { held: next, effectId }, 'done');
});

test('again, when nothing has landed: the gate is asked anew', async () => {
  const { taskId, effectId, press } = await doubt();
  expect(await press(PEOPLE.operator, 'again')).toMatchObject({ effect: { status: 'void' } });
  expect((await grant(db, taskId)).effectId).toBe(effectId);
});

test('cancel: the effect failed, the task is cancelled', async () => {
  const { taskId, press } = await doubt();
  expect(await press(PEOPLE.operator, 'cancel')).toMatchObject({ outcome: 'recorded', effect: { status: 'failed' } });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'cancelled' });
  expect(await press(PEOPLE.operator, 'landed')).toMatchObject({ outcome: 'refused', code: 'settled' });
});

test('a press that fits nothing changes nothing and leaves a record', async () => {
  const { taskId, press } = await doubt();
  expect(await press(PEOPLE.reviewer, 'landed')).toMatchObject({ code: 'no_role' });
  expect(await lastRecord(db, taskId)).toMatchObject({ actor: 'tg:121', action: 'effect.refuse', after: { code: 'no_role' } });
  expect(await press(PEOPLE.operator, 'landed', { messageId: 801 })).toMatchObject({ code: 'wrong_message' });
  expect(await press(PEOPLE.operator, 'landed', { chatId: PLACES.signals })).toMatchObject({ code: 'wrong_message' });
  expect(await press(PEOPLE.operator, 'landed', { token: 'A'.repeat(22) })).toMatchObject({ code: 'unknown_button' });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', effects: [{ status: 'in_doubt' }] });
});

test.each([null, 'perhaps'])('an answer that is none cancels nothing (%j)', async (answer) => {
  const { taskId, effectId } = await doubt();
  const { card } = await openDoubtCard(bot, effectId, { chatId: PLACES.admin, topicId: null });
  const args = { p_token: card.token, p_chat_id: PLACES.admin, p_message_id: 800, p_external_id: PEOPLE.owner, p_answer: answer };
  expect(await bot.call('decide_doubt', args, z.looseObject({}))).toMatchObject({ outcome: 'refused', code: 'unknown_decision' });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held' });
});

test('a press from nowhere is not on the card’s message', async () => {
  const { effectId } = await doubt();
  const { card } = await openDoubtCard(bot, effectId, { chatId: PLACES.admin, topicId: null });
  const args = { p_token: card.token, p_chat_id: null, p_message_id: null, p_external_id: PEOPLE.owner, p_answer: 'cancel' };
  expect(await bot.call('decide_doubt', args, z.looseObject({}))).toMatchObject({ outcome: 'refused', code: 'wrong_message' });
});

test('while stopped nothing is sent again, but it may be said that it landed', async () => {
  const { press } = await doubt();
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
  expect(await press(PEOPLE.operator, 'again')).toMatchObject({ code: 'stopped' });
  expect(await press(PEOPLE.operator, 'landed')).toMatchObject({ outcome: 'recorded' });
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
});

test('a task that was cancelled in doubt can still be told what happened, and stays cancelled', async () => {
  for (const [answer, status] of [
    ['landed', 'done'],
    ['cancel', 'failed'],
  ] as const) {
    const { taskId, press } = await doubt();
    await cancelTask(bot, { taskId, externalId: PEOPLE.operator, reason: '' });
    expect(await press(PEOPLE.operator, 'again')).toMatchObject({ outcome: 'refused', code: 'task_over' });
    expect(await press(PEOPLE.operator, answer)).toMatchObject({ outcome: 'recorded', effect: { status } });
    expect(await loadTask(db, taskId)).toMatchObject({ status: 'cancelled', failureCode: 'cancelled' });
  }
});

test('T3: sent again by those alone who might have approved it, one for each place', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { press } = await doubt();
  expect(await press(PEOPLE.operator, 'again')).toMatchObject({ outcome: 'refused', code: 'requester' });
  expect(await press(PEOPLE.owner, 'again')).toMatchObject({ outcome: 'first_of_two' });
  expect(await press(PEOPLE.operator, 'again')).toMatchObject({ outcome: 'refused', code: 'requester' });
  expect(await press(PEOPLE.secondOperator, 'again')).toMatchObject({ outcome: 'recorded', effect: { status: 'void' } });
});

test('T3: two operators are not an operator and an owner', async () => {
  await changePolicy(db, { ...PUBLISH_IS_T3, separation: { T3: 'operator' } });
  const { press } = await doubt();
  expect(await press(PEOPLE.secondOperator, 'again')).toMatchObject({ outcome: 'first_of_two' });
  expect(await press(PEOPLE.operator, 'again')).toMatchObject({ outcome: 'refused', code: 'slot_taken' });
  expect(await press(PEOPLE.owner, 'again')).toMatchObject({ outcome: 'recorded' });
});

test('T3: sent again on the word of two people only, each time anew', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { press, taskId, effectId } = await doubt();
  expect(await press(PEOPLE.secondOperator, 'again')).toMatchObject({
    outcome: 'first_of_two',
    effect: { status: 'in_doubt', resendAskedBy: 'Bella' },
  });
  expect(await press(PEOPLE.secondOperator, 'again')).toMatchObject({ outcome: 'refused', code: 'same_person' });
  expect(await press(PEOPLE.owner, 'again')).toMatchObject({ outcome: 'recorded', effect: { status: 'void' } });
  const second = await grant(db, taskId);
  await sendPart(db, effectId, 1);
  await settle(db, second, 'again');
  // A late tap that was meant for the first doubt says nothing about this one.
  expect(await press(PEOPLE.owner, 'again')).toMatchObject({ outcome: 'refused', code: 'unknown_button' });
  const { token } = (await openDoubtCard(bot, effectId, { chatId: PLACES.admin, topicId: null })).card;
  expect(await press(PEOPLE.owner, 'again', { token })).toMatchObject({ outcome: 'first_of_two', effect: { status: 'in_doubt' } });
});
