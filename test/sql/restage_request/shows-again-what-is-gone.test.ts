import { afterAll, expect, test } from 'vitest';
import { editRequest, restageRequest } from '../../../src/store/approvals.ts';
import {
  approve,
  approveTask,
  ask,
  authorize,
  claim,
  grant,
  handInCritique,
  openStory,
  planTask,
  REPLY_PLAN,
  reject,
  runUntilKind,
  sendPart,
  toHeld,
} from '../../support/stories.ts';
import { makeArtifact, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const restage = (held: Parameters<typeof toHeld>[0]) => restageRequest(worker, { ...toHeld(held), reason: 'the staged copy was deleted' });

async function restaged() {
  const first = await approveTask(db);
  const effect = await grant(db, first.taskId);
  await sendPart(db, effect.effectId, 1, 'refused');
  await restage(effect.held);
  return { first, effect, second: await ask(db, first.taskId) };
}

test('the approvals are void, the same bytes are asked about anew, and go out from the new copy', async () => {
  const { first, effect, second } = await restaged();
  expect(second.request).toMatchObject({
    version: 2,
    artifactChecksum: first.request.artifactChecksum,
    decisions: [],
    previous: { voidReason: 'the staged copy was deleted' },
  });
  expect(await approve(db, first.reference, PEOPLE.owner)).toMatchObject({ code: 'replaced' });
  expect(await approve(db, second.reference, PEOPLE.owner)).toMatchObject({ outcome: 'approved' });
  const held = await claim(db, effect.held.step.stepId);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go', effect: { staged: [{ messageId: 201 }] } });
});

test('the new version can be rejected', async () => {
  const { second } = await restaged();
  expect(await reject(db, second.reference, PEOPLE.owner)).toMatchObject({ outcome: 'rejected' });
});

test('the new version can be edited, and the edited text goes out', async () => {
  const { effect, second } = await restaged();
  const { taskId } = second;
  await editRequest(db.rpc('ags_bot'), {
    reference: second.reference,
    externalId: PEOPLE.operator,
    artifact: makeArtifact('edited.md', 'draft', 'Better'),
  });
  await handInCritique(db, await runUntilKind(db, taskId, 'critic'));
  await approve(db, (await ask(db, taskId)).reference, PEOPLE.owner);
  expect(await authorize(db, await claim(db, effect.held.step.stepId))).toMatchObject({ verdict: 'go' });
});

test('nothing is shown again while a try has no end, nor where nothing was approved', async () => {
  const effect = await grant(db, (await approveTask(db)).taskId);
  await sendPart(db, effect.effectId, 1);
  await expect(restage(effect.held)).rejects.toMatchObject({ code: 'state_conflict' });
  const reply = await runUntilKind(db, await planTask(db, { nodes: REPLY_PLAN }), 'effect');
  await expect(restage(reply)).rejects.toMatchObject({ code: 'state_conflict' });
  const critic = await runUntilKind(db, await planTask(db), 'critic');
  await expect(restage(critic)).rejects.toMatchObject({ code: 'state_conflict' });
});
