import { afterAll, expect, test } from 'vitest';
import { recordCard } from '../../../src/store/cards.ts';
import { decideDoubt, openDoubtCard, settleAttempt } from '../../../src/store/effects.ts';
import { sweep } from '../../../src/store/steps.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { approveTask, authorize, claim, grant, loadTask, openStory, runToEnd, sendPart, settle } from '../../support/stories.ts';
import { listActions, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');
const LANDED = { outcome: 'done', chatId: PLACES.signals, topicId: null, messageId: 77 } as const;
const REFUSED = { outcome: 'refused', error: 'Bad Request' } as const;

/** A post whose answers are all missing. */
async function doubt(parts = 1) {
  const effect = await grant(db, (await approveTask(db, { parts })).taskId, { parts });
  const attemptIds: string[] = [];
  for (let part = 1; part <= parts; part += 1) attemptIds.push(String((await sendPart(db, effect.effectId, part)).attemptId));
  await settle(db, effect, 'again');
  return { ...effect, taskId: effect.held.task.taskId, stepId: effect.held.step.stepId, attemptIds };
}

test('the answer came: it landed, its card says so, and nobody has to be asked', async () => {
  const { taskId, effectId, attemptIds } = await doubt();
  const { card } = await openDoubtCard(bot, effectId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 800);
  const { isSettled, deliver } = await settleAttempt(worker, String(attemptIds[0]), LANDED);
  expect(isSettled).toBe(true);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'doubt.show', id: effectId }));
  expect((await loadTask(db, taskId)).effects).toMatchObject([{ status: 'done', outcomeNote: 'the answer came late' }]);
  const press = { token: card.token, chatId: PLACES.admin, messageId: 800, externalId: PEOPLE.operator, answer: 'again' } as const;
  expect(await decideDoubt(bot, press)).toMatchObject({ outcome: 'refused', code: 'settled' });
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
  expect(await listActions(db, taskId)).toEqual(expect.arrayContaining(['effect.doubt', 'effect.late', 'effect.done']));
});

test('while another part is unknown people are still asked', async () => {
  const { taskId, attemptIds } = await doubt(2);
  await settleAttempt(worker, String(attemptIds[0]), LANDED);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', effects: [{ status: 'in_doubt' }] });
  await settleAttempt(worker, String(attemptIds[1]), { ...LANDED, messageId: 78 });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running', effects: [{ status: 'done' }] });
});

test('the answer came, and it was a no: the gate is asked again', async () => {
  const { stepId, attemptIds, effectId } = await doubt();
  const { deliver } = await settleAttempt(worker, String(attemptIds[0]), REFUSED);
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: stepId }));
  expect(await authorize(db, await claim(db, stepId))).toMatchObject({ verdict: 'go', effect: { effectId } });
});

test('of a task that is over only the effect is settled', async () => {
  const { taskId, attemptIds } = await doubt();
  await cancelTask(bot, { taskId, externalId: PEOPLE.operator, reason: '' });
  await settleAttempt(worker, String(attemptIds[0]), LANDED);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'cancelled', effects: [{ status: 'done' }] });
});

test('an answer that came in the moment of the doubt is found by the sweep', async () => {
  const { taskId, attemptIds } = await doubt();
  await db.sql(`update public.effect_attempts set status = 'done', chat_id = $2, message_id = 77 where attempt_id = $1`, [
    attemptIds[0],
    PLACES.signals,
  ]);
  await sweep(worker, 0);
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done', effects: [{ status: 'done' }] });
});
