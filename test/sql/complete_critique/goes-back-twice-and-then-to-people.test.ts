import { afterAll, expect, test } from 'vitest';
import { editRequest } from '../../../src/store/approvals.ts';
import {
  approve,
  ask,
  claim,
  FULL_MARKS,
  finishWork,
  handInCritique,
  loadTask,
  openStory,
  planTask,
  REPLY_PLAN,
  runUntilKind,
} from '../../support/stories.ts';
import { listActions, makeArtifact, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const POOR = { ...FULL_MARKS, factuality: 0, comments: 'cite the source' };

async function failThrice(nodes: typeof REPLY_PLAN | undefined) {
  const taskId = await planTask(db, { nodes });
  for (const take of [1, 2, 3]) {
    const critic = await runUntilKind(db, taskId, 'critic');
    const { outcome, deliver } = await handInCritique(db, critic, { critique: POOR });
    expect(outcome).toBe(take < 3 ? 'revise' : 'failed');
    if (take === 3) break;
    expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/act` }));
    const draft = await claim(db, `${taskId}/act`);
    expect(draft.step.comments).toHaveLength(take);
    expect(draft.step.comments[0]).toMatchObject({ by: 'agent:critic:guard-v4', text: 'cite the source' });
    expect(draft.previous?.content).toContain('The text of act');
    await finishWork(db, draft);
  }
  return taskId;
}

test('a post that failed three times is held; people see it but cannot approve it', async () => {
  const taskId = await failThrice(undefined);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', heldReason: 'critic', revisionCount: 2 });
  const { reference } = await ask(db, taskId);
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  expect(await listActions(db, taskId)).toEqual(
    expect.arrayContaining(['critic.return', 'critic.fail', 'approval.ask', 'approval.refuse']),
  );
});

test('an answer that failed three times gets a gate of its own; a person’s text that passes needs no approval', async () => {
  const taskId = await failThrice(REPLY_PLAN);
  const { reference } = await ask(db, taskId);
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  const artifact = makeArtifact('edited.md', 'draft', 'What people wrote');
  expect(await editRequest(db.rpc('ags_bot'), { reference, externalId: PEOPLE.operator, artifact })).toMatchObject({ outcome: 'edited' });
  await handInCritique(db, await runUntilKind(db, taskId, 'critic'));
  expect((await runUntilKind(db, taskId, 'effect')).post?.content).toContain('What people wrote');
  expect((await loadTask(db, taskId)).steps).toContainEqual(expect.objectContaining({ nodeId: 'approve', status: 'skipped' }));
});

test('a person’s text is never sent back to the agent, however poor', async () => {
  const taskId = await planTask(db);
  const { reference } = await ask(db, taskId);
  await editRequest(db.rpc('ags_bot'), { reference, externalId: PEOPLE.operator, artifact: makeArtifact('edited.md', 'draft', 'Mine') });
  expect(await handInCritique(db, await runUntilKind(db, taskId, 'critic'), { critique: POOR })).toMatchObject({ outcome: 'failed' });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held', heldReason: 'critic', revisionCount: 0 });
});
