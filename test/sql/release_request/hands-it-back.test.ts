import { afterAll, expect, test } from 'vitest';
import { claimRequest, recordShown, releaseRequest } from '../../../src/store/approvals.ts';
import { openCard, recordCard } from '../../../src/store/cards.ts';
import { sweep } from '../../../src/store/steps.ts';
import { openRequest, openStory, planTask } from '../../support/stories.ts';
import { PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');

test('it can be taken again at once, and is nudged after the wait; only its holder hands it back', async () => {
  const { requestId } = await openRequest(db, await planTask(db));
  await releaseRequest(worker, { requestId, worker: 'worker-1', delayMs: 0 });
  const held = await claimRequest(worker, requestId, { worker: 'worker-2', leaseSeconds: 60 });
  expect(held?.requestId).toBe(requestId);
  expect((await releaseRequest(worker, { requestId, worker: 'worker-9', delayMs: 0 })).deliver).toEqual([]);
  const { deliver } = await releaseRequest(worker, { requestId, worker: 'worker-2', delayMs: 5_000 });
  expect(deliver).toMatchObject([{ job: 'request.show', id: requestId, delayMs: 5_000 }]);
  // The sweeper leaves it alone until then.
  expect((await sweep(worker, 0)).deliver.filter(({ job }) => job === 'request.show')).toEqual([]);
});

test('a request that stands in full and has no card is found by the sweeper', async () => {
  const request = await openRequest(db, await planTask(db));
  const { requestId } = request;
  await claimRequest(worker, requestId, { worker: 'worker-1', leaseSeconds: 60 });
  await recordShown(worker, { requestId, worker: 'worker-1', problem: null, dryRun: null });
  expect((await sweep(worker, 15_000)).deliver.filter(({ job }) => job === 'card.show')).toEqual([]);
  await db.sql("update public.approval_requests set shown_at = now() - interval '1 minute' where request_id = $1", [requestId]);
  expect((await sweep(worker, 15_000)).deliver).toContainEqual(expect.objectContaining({ job: 'card.show', id: request.stepId }));
});

test('a card in somebody’s private chat does not stand for the one in the admin group', async () => {
  const request = await openRequest(db, await planTask(db));
  const { requestId, stepId } = request;
  await claimRequest(worker, requestId, { worker: 'worker-1', leaseSeconds: 60 });
  await recordShown(worker, { requestId, worker: 'worker-1', problem: null, dryRun: null });
  await db.sql("update public.approval_requests set shown_at = now() - interval '1 minute' where request_id = $1", [requestId]);
  const putCard = async (chatId: number, messageId: number) => {
    const { card } = await openCard(db.rpc('ags_bot'), stepId, { chatId, topicId: null });
    await recordCard(db.rpc('ags_bot'), card.cardId, messageId);
  };
  await putCard(PEOPLE.operator, 501);
  expect((await sweep(worker, 15_000)).deliver).toContainEqual(expect.objectContaining({ job: 'card.show', id: stepId }));
  await putCard(PLACES.admin, 502);
  expect((await sweep(worker, 15_000)).deliver).not.toContainEqual(expect.objectContaining({ job: 'card.show', id: stepId }));
});
