import { afterAll, expect, test } from 'vitest';
import { beginAttempt, settleAttempt } from '../../../src/store/effects.ts';
import { releaseStep } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { approveTask, authorize, claim, grant, openStory, sendPart, settle, toHeld } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');
const granted = async (parts = 1) => grant(db, (await approveTask(db, { parts })).taskId, { parts });
const stop = () => stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
async function resume() {
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
}

test('each part begins once, while its try is open, done, or not known', async () => {
  const { effectId } = await granted(3);
  expect(await sendPart(db, effectId, 1)).toMatchObject({ isGo: true, code: null });
  expect(await sendPart(db, effectId, 1)).toMatchObject({ isGo: false, code: 'already_sent' });
  await sendPart(db, effectId, 2, 'done');
  expect(await sendPart(db, effectId, 2)).toMatchObject({ isGo: false, code: 'already_sent' });
  await sendPart(db, effectId, 3, 'in_doubt');
  expect(await sendPart(db, effectId, 3)).toMatchObject({ isGo: false, code: 'already_sent' });
});

test('a part that was certainly refused, or never left, begins again', async () => {
  const { effectId } = await granted(2);
  await sendPart(db, effectId, 1, 'refused');
  expect(await sendPart(db, effectId, 1)).toMatchObject({ isGo: true });
  await sendPart(db, effectId, 2, 'void');
  expect(await sendPart(db, effectId, 2)).toMatchObject({ isGo: true });
});

test.each([0, -1, 3])('there is no part %i of two', async (part) => {
  const { effectId, held } = await granted(2);
  await expect(beginAttempt(worker, { effectId, fence: held.step.fence, part })).rejects.toMatchObject({ code: 'input_invalid' });
});

test('a grant from before a stop is worth nothing, also after the stop was lifted', async () => {
  const before = await granted();
  await stop();
  expect(await sendPart(db, before.effectId, 1)).toMatchObject({ isGo: false, code: 'stopped' });
  await resume();
  expect(await sendPart(db, before.effectId, 1)).toMatchObject({ isGo: false, code: 'stopped' });
  await settle(db, before, 'again');
  const { effectId } = await grant(db, before.held.task.taskId);
  expect(effectId).toBe(before.effectId);
  expect(await sendPart(db, effectId, 1)).toMatchObject({ isGo: true });
});

test('the rest of a post that a stop cut in two goes on under the new generation', async () => {
  const first = await granted(2);
  await sendPart(db, first.effectId, 1, 'done');
  await stop();
  expect(await sendPart(db, first.effectId, 2)).toMatchObject({ isGo: false, code: 'stopped' });
  await settle(db, first, 'again');
  await resume();
  const held = await claim(db, first.held.step.stepId);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'exists' });
  expect(await sendPart(db, first.effectId, 2)).toMatchObject({ isGo: true });
});

test('a worker whose step was taken away, or whose task was cancelled, sends nothing', async () => {
  const released = await granted();
  await releaseStep(worker, toHeld(released.held), 0);
  expect(await sendPart(db, released.effectId, 1)).toMatchObject({ isGo: false, code: 'lease_lost' });
  const cancelled = await granted();
  const { inFlight } = await cancelTask(bot, { taskId: cancelled.held.task.taskId, externalId: PEOPLE.operator, reason: '' });
  expect(inFlight).toMatchObject([{ effectId: cancelled.effectId, status: 'granted' }]);
  expect(await sendPart(db, cancelled.effectId, 1)).toMatchObject({ isGo: false, code: 'lease_lost' });
});

test('a worker that slept through its lease sends nothing, though another holds the step by now', async () => {
  const { effectId, held } = await granted();
  await releaseStep(worker, toHeld(held), 0);
  const next = await claim(db, held.step.stepId);
  expect(await authorize(db, next)).toMatchObject({ verdict: 'exists' });
  expect(await beginAttempt(worker, { effectId, fence: held.step.fence, part: 1 })).toMatchObject({ isGo: false, code: 'lease_lost' });
  expect(await beginAttempt(worker, { effectId, fence: next.step.fence, part: 1 })).toMatchObject({ isGo: true });
});

test('an effect that does not exist or has landed is not granted', async () => {
  expect(await beginAttempt(worker, { effectId: '00000000-0000-4000-8000-000000000000', fence: 1, part: 1 })).toMatchObject({
    isGo: false,
    code: 'not_granted',
  });
  const done = await granted();
  await sendPart(db, done.effectId, 1, 'done');
  await settle(db, done, 'done');
  expect(await sendPart(db, done.effectId, 1)).toMatchObject({ isGo: false, code: 'not_granted' });
});

test('a try ends once', async () => {
  const { effectId, held } = await granted();
  const { attemptId } = await beginAttempt(worker, { effectId, fence: held.step.fence, part: 1 });
  const end = { outcome: 'done', chatId: -1, topicId: null, messageId: 5 } as const;
  expect(await settleAttempt(worker, String(attemptId), end)).toMatchObject({ isSettled: true });
  expect(await settleAttempt(worker, String(attemptId), { outcome: 'refused', error: 'late' })).toMatchObject({ isSettled: false });
});
