import { afterAll, expect, test } from 'vitest';
import { editRequest } from '../../../src/store/approvals.ts';
import { recordCard } from '../../../src/store/cards.ts';
import { type DoubtAnswer, decideDoubt, openDoubtCard } from '../../../src/store/effects.ts';
import { claimStep, sweep } from '../../../src/store/steps.ts';
import {
  approve,
  ask,
  authorize,
  claim,
  type Granted,
  grant,
  HOLDER,
  loadTask,
  makeNode,
  openStory,
  planTask,
  runToEnd,
  sendPart,
  settle,
} from '../../support/stories.ts';
import { makeArtifact, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

const nodes = [
  makeNode('act', 'exec', 'DRAFT_REPLY'),
  makeNode('first', 'communicator', 'PUBLISH', ['act']),
  makeNode('second', 'communicator', 'PUBLISH', ['act']),
];

/** A task of two posts, both asked about. */
async function askTwice() {
  const taskId = await planTask(db, { nodes });
  return { taskId, asked: [await ask(db, taskId, { nodes }), await ask(db, taskId, { nodes })] as const };
}

/** It left, its answer is lost, and people are asked. */
async function lose(effect: Granted) {
  await sendPart(db, effect.effectId, 1);
  await settle(db, effect, 'again');
  const { card } = await openDoubtCard(bot, effect.effectId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 800);
  const press = (answer: DoubtAnswer) =>
    decideDoubt(bot, { token: card.token, chatId: PLACES.admin, messageId: 800, externalId: PEOPLE.owner, answer });
  return { ...effect, stepId: effect.held.step.stepId, press };
}

/** Both posts have left, and nobody knows of either whether it arrived. */
async function doubtTwice() {
  const { taskId, asked } = await askTwice();
  for (const { reference } of asked) await approve(db, reference, PEOPLE.owner);
  const granted = [await grant(db, taskId), await grant(db, taskId)] as const;
  return { taskId, doubts: [await lose(granted[0]), await lose(granted[1])] as const };
}

const nudged = async () => (await sweep(worker, 0)).deliver.filter(({ job }) => job === 'step.run').map(({ id }) => id);

test.each(['landed', 'again'] as const)('%s about one leaves the other to people, and "again" sends that one once more', async (answer) => {
  const { taskId, doubts } = await doubtTwice();
  const [first, second] = doubts;
  expect(await first.press(answer)).toMatchObject({ outcome: 'recorded' });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', heldReason: 'in_doubt' });
  expect(await nudged()).not.toContain(second.stepId);
  expect(await claimStep(worker, second.stepId, HOLDER)).toBeNull();
  const { outcome, deliver } = await second.press('again');
  expect(outcome).toBe('recorded');
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running', heldReason: null });
  // What was ready meanwhile goes on at once.
  if (answer === 'again') expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: first.stepId }));
  expect(await authorize(db, await claim(db, second.stepId))).toMatchObject({ verdict: 'go' });
});

test('both landed: the task ends well', async () => {
  const { taskId, doubts } = await doubtTwice();
  for (const { press } of doubts) await press('landed');
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done', effects: [{ status: 'done' }, { status: 'done' }] });
});

test('whatever the task says, the step of a doubt is handed to nobody', async () => {
  const { taskId, doubts } = await doubtTwice();
  await db.sql(`update public.tasks set status = 'running', held_reason = null where task_id = $1`, [taskId]);
  const found = await nudged();
  for (const { stepId } of doubts) {
    expect(found).not.toContain(stepId);
    expect(await claimStep(worker, stepId, HOLDER)).toBeNull();
  }
  expect(await doubts[0].press('again')).toMatchObject({ outcome: 'recorded' });
});

test('a new text for one post does not lift the doubt about the other', async () => {
  const { taskId, asked } = await askTwice();
  await approve(db, asked[0].reference, PEOPLE.owner);
  const { press } = await lose(await grant(db, taskId));
  const artifact = makeArtifact('edited.md', 'draft', 'better');
  expect(await editRequest(bot, { reference: asked[1].reference, externalId: PEOPLE.owner, artifact })).toMatchObject({
    outcome: 'edited',
  });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', heldReason: 'in_doubt' });
  expect((await press('landed')).deliver.map(({ job }) => job)).toContain('step.run');
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running' });
});
