import { afterAll, beforeAll, expect, test } from 'vitest';
import { toView } from '../../../src/bot/view.ts';
import { PERSONAS } from '../../../src/sandbox/world.ts';
import { editRequest } from '../../../src/store/approvals.ts';
import { sweep } from '../../../src/store/steps.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { approve } from '../../support/stories.ts';
import { makeArtifact, PUBLISH_IS_T3 } from '../../support/story-world.ts';
import { ADMIN, type CardStage, findLost, openCardStage } from './support.ts';

const { adam, olivia } = PERSONAS;
let stage: CardStage;
beforeAll(async () => {
  stage = await openCardStage(PUBLISH_IS_T3);
});
afterAll(() => stage[Symbol.asyncDispose]());

const labels = () => stage.cardIn(ADMIN.chatId).labels;

test('the card of a replaced version is found, drawn, and looked for no more', async () => {
  const request = await stage.ask();
  expect(await findLost(stage, 'card.show')).toEqual([]);
  expect(labels()).toContain('✅ Approve');
  const edit = { reference: request.reference, externalId: adam.id, artifact: makeArtifact('edited.md', 'draft', 'Better') };
  expect(await editRequest(stage.db.rpc('ags_bot'), edit)).toMatchObject({ outcome: 'edited' });
  // Its nudge is lost: nobody draws.
  expect(labels()).toContain('✅ Approve');
  expect(await findLost(stage, 'card.show')).toEqual([request.stepId]);
  await stage.cards.draw(request.stepId);
  expect(labels()).not.toContain('✅ Approve');
  expect(await findLost(stage, 'card.show')).toEqual([]);
});

test('so is one that misses a decision, and one whose task is over', async () => {
  const request = await stage.ask();
  await approve(stage.db, request.reference, olivia.id);
  expect(await findLost(stage, 'card.show')).toEqual([request.stepId]);
  await stage.cards.draw(request.stepId);
  await cancelTask(stage.db.rpc('ags_bot'), { taskId: request.taskId, externalId: olivia.id, reason: 'no longer' });
  expect(await findLost(stage, 'card.show')).toEqual([request.stepId]);
  await stage.cards.draw(request.stepId);
  expect(await findLost(stage, 'card.show')).toEqual([]);
  expect(await stage.db.sql('select distinct is_settled from public.cards where step_id = $1', [request.stepId])).toEqual([
    { is_settled: true },
  ]);
});

test('so is one that another process drew later, from what it had read before', async () => {
  const { stepId } = await stage.ask();
  const { messageId } = stage.cardIn(ADMIN.chatId);
  const said = () => stage.telegram.message(ADMIN.chatId, messageId)?.text;
  const before = said();
  await stage.outbound.edit({ ...ADMIN, messageId }, toView('An older state.'));
  await stage.db.sql(`update public.cards set shown_mark = 'older' where step_id = $1 and chat_id = $2`, [stepId, ADMIN.chatId]);
  expect(await findLost(stage, 'card.show')).toEqual([stepId]);
  expect(said()).toBe('An older state.');
  await stage.cards.draw(stepId);
  expect(said()).toBe(before);
  expect(await findLost(stage, 'card.show')).toEqual([]);
});

test('what cannot be drawn is asked for ever less often', async () => {
  const request = await stage.ask();
  await approve(stage.db, request.reference, olivia.id);
  const worker = stage.db.rpc('ags_worker');
  const passSeconds = (seconds: number) =>
    stage.db.sql('update public.cards set stale_since = stale_since - make_interval(secs => $1)', [seconds]);
  const look = async () => (await sweep(worker, 10_000)).deliver.some(({ job, id }) => job === 'card.show' && id === request.stepId);
  expect(await look()).toBe(false);
  await passSeconds(10);
  expect(await look()).toBe(true);
  await passSeconds(10);
  expect(await look()).toBe(false);
  await passSeconds(10);
  expect(await look()).toBe(true);
});
