import { afterAll, expect, test } from 'vitest';
import { claimRequest } from '../../../src/store/approvals.ts';
import { claimStep } from '../../../src/store/steps.ts';
import { applyChange, decideAs, openChange, revokeRoleOf } from '../../support/changes.ts';
import { approve, askTask, authorize, claim, grant, HOLDER, loadTask, openStory, showStaged } from '../../support/stories.ts';
import { changePolicy, lastRecord, listActions, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const { owner, secondOwner, operator, secondOperator } = PEOPLE;

test('a request with one approval: void, asked anew, and the reason names who', async () => {
  const waiting = await askTask(db, { by: operator });
  await approve(db, waiting.reference, secondOperator);
  const untouched = await askTask(db, { by: operator });
  await approve(db, untouched.reference, owner);
  const { deliver, requests } = await revokeSecondOperator();
  expect(requests).toEqual([
    { reference: waiting.reference, status: 'void', void_reason: 'Bella no longer holds the role operator' },
    { reference: expect.not.stringMatching(waiting.reference), status: 'staging', void_reason: null },
  ]);
  expect(deliver.map(({ job }) => job)).toEqual(expect.arrayContaining(['request.show', 'change.show']));
  expect(await lastRecord(db, waiting.taskId)).toMatchObject({ action: 'approval.ask' });
  expect((await loadTask(db, untouched.taskId)).requests).toMatchObject([{ reference: untouched.reference, status: 'pending' }]);
  expect(await approve(db, waiting.reference, owner)).toMatchObject({ outcome: 'refused', code: 'replaced' });

  async function revokeSecondOperator() {
    const { deliver } = await decideAs(db, await openChange(db, revokeRoleOf(secondOperator, 'operator')), secondOwner);
    const requests = await db.sql(
      'select reference, status, void_reason from public.approval_requests where task_id = $1 order by version',
      [waiting.taskId],
    );
    return { deliver, requests };
  }
});

test('the new version goes all the way', async () => {
  const [row] = await db.sql(`select request_id, task_id from public.approval_requests where status = 'staging'`);
  const request = await claimRequest(worker, String(row?.request_id), HOLDER);
  if (request === null) throw new Error('nobody can show it');
  const { reference } = await showStaged(db, request);
  await approve(db, reference, owner);
  expect(await approve(db, reference, secondOwner)).toMatchObject({ outcome: 'approved' });
  await grant(db, String(row?.task_id));
  expect(await listActions(db, String(row?.task_id))).toContain('effect.grant');
});

test('what was approved in full and not let out is taken back, also from the worker that holds it', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await approve(db, reference, secondOwner, { asRole: 'operator' });
  await approve(db, reference, owner);
  const held = await claim(db, `${taskId}/publish`);
  await applyChange(db, revokeRoleOf(secondOwner, 'owner'), { by: owner, second: operator });
  await expect(authorize(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await claimStep(worker, `${taskId}/publish`, HOLDER)).toBeNull();
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'awaiting_approval', requests: [{ status: 'void' }, { status: 'staging' }] });
});

test('what was let out before stays let out', async () => {
  await changePolicy(db);
  const { taskId, reference } = await askTask(db, { by: operator });
  await approve(db, reference, operator);
  await grant(db, taskId);
  await db.sql(
    `insert into public.person_roles (person_id, role, source, granted_by) values (public._person_of($1), 'owner', 'seed', 'system')`,
    [secondOwner],
  );
  await applyChange(db, revokeRoleOf(operator, 'operator'));
  expect(await loadTask(db, taskId)).toMatchObject({ requests: [{ status: 'approved' }], effects: [{ status: 'granted' }] });
});
