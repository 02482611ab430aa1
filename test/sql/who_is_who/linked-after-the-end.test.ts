import { afterAll, beforeEach, expect, test } from 'vitest';
import { APPROVAL_INVARIANTS } from '../../../src/store/invariants/approvals.ts';
import { listViolations } from '../../../src/store/invariants.ts';
import { forgetGlasses, openGlass } from '../../support/break-glass.ts';
import { applyChange, grantRole, linkAccounts, meet } from '../../support/changes.ts';
import { approve, ask, askTask, openStory, runToEnd } from '../../support/stories.ts';
import { expireRequest } from '../../support/story-ends.ts';
import { PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer } = PEOPLE;
const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
/** Each story has a human with two accounts of its own: this one and Oscar's. */
let other = 600;
beforeEach(async () => {
  other += 1;
  await meet(db, other, `Account ${other}`);
  await applyChange(db, grantRole(other, 'operator'), { by: owner, second: secondOwner });
});
const link = () => applyChange(db, linkAccounts(secondOwner, other), { by: owner, second: operator });

test('asked under one account, expired, linked, asked again: the other account does not approve it', async () => {
  const { taskId } = await askTask(db, { by: other });
  const press = await expireRequest(db, taskId);
  await link();
  expect(await press(operator)).toMatchObject({ code: null });
  const { reference } = await ask(db, taskId);
  expect(await approve(db, reference, secondOwner)).toMatchObject({ outcome: 'refused', code: 'requester' });
  expect(await approve(db, reference, owner)).toMatchObject({ outcome: 'recorded' });
  expect(await approve(db, reference, secondOperator)).toMatchObject({ outcome: 'approved' });
});

test('a break-glass on what expired: whoever asked under the other account fills no slot of it', async () => {
  const { taskId, reference } = await askTask(db, { by: other });
  await approve(db, reference, secondOperator);
  await expireRequest(db, taskId);
  await link();
  await openGlass(db, taskId, { by: secondOwner, second: reviewer });
  const approvals = await db.sql('select role, approver from public.approvals where task_id = $1 order by role', [taskId]);
  expect(approvals).toEqual([
    { role: 'operator', approver: `tg:${secondOperator}` },
    { role: 'owner', approver: `tg:${reviewer}` },
  ]);
  await forgetGlasses(db);
});

test('an approval given before the end is that person’s after it', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await approve(db, reference, other);
  await expireRequest(db, taskId);
  await link();
  expect(
    await db.sql('select person_id = public._person_of($2) as is_one from public.approvals where task_id = $1', [taskId, secondOwner]),
  ).toEqual([{ is_one: true }]);
});

test('what was let out to somebody who had asked under another account is found, whatever the rows say of the person', async () => {
  const { taskId } = await askTask(db, { by: other });
  const press = await expireRequest(db, taskId);
  await link();
  const [dead] = await db.sql(`insert into public.people (display_name) values ('Nobody') returning person_id`);
  await db.sql('update public.tasks set requester_person_id = $2 where task_id = $1', [taskId, dead?.person_id]);
  await db.sql('update public.approval_requests set requester_person_id = $2 where task_id = $1', [taskId, dead?.person_id]);
  await press(operator);
  const { reference } = await ask(db, taskId);
  await approve(db, reference, secondOwner);
  await approve(db, reference, secondOperator);
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
  const [dualControl] = APPROVAL_INVARIANTS.filter(({ id }) => id === 'I1');
  const [effect] = await db.sql('select effect_id as id from public.effects where task_id = $1', [taskId]);
  expect(dualControl && (await listViolations(db.sql, dualControl))).toEqual([effect?.id]);
});
