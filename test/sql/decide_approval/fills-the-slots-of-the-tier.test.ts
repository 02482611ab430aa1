import { afterAll, expect, test } from 'vitest';
import { approve, askTask, claim, openStory } from '../../support/stories.ts';
import { changePolicy, listActions, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());

test('T2: one operator is enough, also the requester by the default policy; the effect becomes ready', async () => {
  const { taskId, reference } = await askTask(db, { by: PEOPLE.operator });
  const answer = await approve(db, reference, PEOPLE.operator);
  expect(answer).toMatchObject({ outcome: 'approved', code: null, slot: 'operator' });
  expect(answer.request).toMatchObject({ status: 'approved', decisions: [{ name: 'Adam', role: 'operator', approver: 'tg:111' }] });
  expect(answer.deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/publish` }));
  expect(await listActions(db, taskId)).toContain('approval.approve');
  expect((await claim(db, `${taskId}/publish`)).post?.checksum).toBe(answer.request?.artifactChecksum);
});

test('a reference counts in any letters and with blanks around it', async () => {
  const { reference } = await askTask(db);
  expect(await approve(db, `  ${reference.toLowerCase()} `, PEOPLE.owner)).toMatchObject({ outcome: 'approved', slot: 'operator' });
});

test('T2 with maker-checker: the requester of a policy that says none fills no slot', async () => {
  await changePolicy(db, { separation: { T2: 'none', T3: 'none' } });
  const { reference } = await askTask(db, { by: PEOPLE.operator });
  expect(await approve(db, reference, PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'requester' });
  expect(await approve(db, reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'approved' });
});

test('T3: an owner fills the owner slot first, a second owner the operator slot', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { reference } = await askTask(db);
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'recorded', slot: 'owner' });
  expect(await approve(db, reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'approved', slot: 'operator' });
});

test('T3: an owner may choose the operator slot; then only an owner is missing', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { reference } = await askTask(db);
  expect(await approve(db, reference, PEOPLE.owner, { asRole: 'operator' })).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await approve(db, reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'refused', code: 'slot_taken' });
  expect(await approve(db, reference, PEOPLE.secondOwner, { asRole: 'operator' })).toMatchObject({
    outcome: 'refused',
    code: 'slot_taken',
  });
  expect(await approve(db, reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'approved', slot: 'owner' });
});

test('T3: one person fills one slot, however often they press and whatever they choose', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { reference } = await askTask(db);
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'recorded' });
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  expect(await approve(db, reference, PEOPLE.owner, { asRole: 'operator' })).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  expect(await approve(db, reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'approved' });
});

test('T3: the requester is in no slot, an operator never in the owner’s', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { reference } = await askTask(db, { by: PEOPLE.owner });
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'requester' });
  expect(await approve(db, reference, PEOPLE.operator, { asRole: 'owner' })).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await approve(db, reference, PEOPLE.operator)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await approve(db, reference, PEOPLE.secondOperator)).toMatchObject({ outcome: 'refused', code: 'slot_taken' });
  expect(await approve(db, reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'approved', slot: 'owner' });
});

test('T3 with maker-checker: the requester fills the operator slot only, somebody else the owner’s', async () => {
  await changePolicy(db, { ...PUBLISH_IS_T3, separation: { T2: 'any', T3: 'operator' } });
  const { reference } = await askTask(db, { by: PEOPLE.owner });
  expect(await approve(db, reference, PEOPLE.owner, { asRole: 'owner' })).toMatchObject({ outcome: 'refused', code: 'requester' });
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await approve(db, reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  expect(await approve(db, reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'approved', slot: 'owner' });
});
