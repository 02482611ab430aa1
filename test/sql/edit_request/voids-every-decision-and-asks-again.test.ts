import { afterAll, expect, test } from 'vitest';
import { editRequest } from '../../../src/store/approvals.ts';
import {
  approve,
  approveTask,
  ask,
  askTask,
  authorize,
  claim,
  grant,
  handInCritique,
  loadTask,
  openStory,
  runUntilKind,
  snapshot,
} from '../../support/stories.ts';
import { changePolicy, lastRecord, listActions, makeArtifact, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const edit = (reference: string, externalId: number, text: string) =>
  editRequest(db.rpc('ags_bot'), { reference, externalId, artifact: makeArtifact('edited.md', 'draft', text) });

test('the critic judges the person’s text, and a new version under a new reference is asked about', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const first = await askTask(db);
  await approve(db, first.reference, PEOPLE.owner);
  const { outcome, request, deliver } = await edit(first.reference.toLowerCase(), PEOPLE.secondOperator, 'What I would say');
  expect({ outcome, request }).toMatchObject({ outcome: 'edited', request: { status: 'void', voidReason: 'edited' } });
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${first.taskId}/critic` }));
  await handInCritique(db, await runUntilKind(db, first.taskId, 'critic'));
  const second = await ask(db, first.taskId);
  expect(second.request).toMatchObject({ version: 2, isEditedByPerson: true, decisions: [], previous: { reference: first.reference } });
  expect(second.reference).not.toBe(first.reference);
  expect(second.request.artifactChecksum).not.toBe(first.request.artifactChecksum);
  expect(second.request.post.content).toContain('What I would say');
  expect(await approve(db, second.reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'recorded' });
  expect(await approve(db, second.reference, PEOPLE.owner)).toMatchObject({ outcome: 'approved' });
  expect(await listActions(db, first.taskId)).toEqual(expect.arrayContaining(['approval.void', 'approval.edit']));
  await changePolicy(db);
});

test('what was approved and not let out is taken back, also from a worker who holds it', async () => {
  const { taskId, reference } = await approveTask(db);
  const held = await claim(db, `${taskId}/publish`);
  expect(await edit(reference, PEOPLE.operator, 'Better')).toMatchObject({ outcome: 'edited' });
  await expect(authorize(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  expect((await loadTask(db, taskId)).steps).toContainEqual(expect.objectContaining({ nodeId: 'publish', status: 'pending' }));
});

test('after the grant it is too late', async () => {
  const { taskId, reference } = await approveTask(db);
  await grant(db, taskId);
  const before = await snapshot(db, taskId);
  expect(await edit(reference, PEOPLE.operator, 'Better')).toMatchObject({ outcome: 'refused', code: 'too_late' });
  expect(await snapshot(db, taskId)).toEqual(before);
});

test('people without a role, and references that do not exist, change nothing and leave a record', async () => {
  const { taskId, reference } = await askTask(db);
  const before = await snapshot(db, taskId);
  expect(await edit(reference, PEOPLE.reviewer, 'Mine')).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await lastRecord(db, taskId)).toMatchObject({
    actor: 'tg:121',
    action: 'approval.refuse',
    after: { code: 'no_role', decision: 'edit' },
  });
  expect(await edit('T2-ZZZZ', PEOPLE.operator, 'Mine')).toMatchObject({ outcome: 'refused', code: 'unknown_reference' });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:111', action: 'approval.refuse', after: { decision: 'edit' } });
  expect(await snapshot(db, taskId)).toEqual(before);
});

test('a second edit of a version that was edited is refused', async () => {
  const { reference } = await askTask(db);
  await edit(reference, PEOPLE.operator, 'Mine');
  expect(await edit(reference, PEOPLE.secondOperator, 'Mine too')).toMatchObject({ outcome: 'refused', code: 'replaced' });
});
