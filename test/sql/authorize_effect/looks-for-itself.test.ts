import { afterAll, expect, test } from 'vitest';
import type { Work } from '../../../src/store/steps.ts';
import { approveTask, authorize, claim, openStory } from '../../support/stories.ts';
import { changePolicy, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

/**
 * What every door before the gate keeps from happening, made by the owner of the rows: the gate counts on none of those doors.
 */
const db = await openStory();
afterAll(() => db.close());

const ready = async (): Promise<Work> => claim(db, `${(await approveTask(db)).taskId}/publish`);

async function expectRefusal(held: Work, reasons: string[]) {
  expect(await authorize(db, held)).toMatchObject({ verdict: 'refused', reasons, effect: null });
}

test('a denial that stands beside a full approval', async () => {
  const held = await ready();
  await db.sql(
    `insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, reason, artifact_checksum)
     select request_id, task_id, step_id, tier, $2, public._person_of($3), 'operator', 'reject', 'no', artifact_checksum from public.approvals where task_id = $1`,
    [held.task.taskId, `tg:${PEOPLE.operator}`, PEOPLE.operator],
  );
  await expectRefusal(held, ['approvals']);
});

test('an approval that was given under another policy version', async () => {
  const held = await ready();
  await changePolicy(db, PUBLISH_IS_T3);
  await db.sql(
    `update public.approval_requests set policy_version = (select max(policy_version) from public.policies) where task_id = $1`,
    [held.task.taskId],
  );
  await expectRefusal(held, ['approved_something_else']);
});

test('an approval for another chat than the step goes to', async () => {
  const held = await ready();
  await db.sql('update public.approval_requests set target_chat_id = target_chat_id - 1 where task_id = $1', [held.task.taskId]);
  await expectRefusal(held, ['approved_something_else']);
});

test('two slots that one person fills: people are counted, not rows', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const held = await ready();
  await db.sql('alter table public.approvals drop constraint approvals_one_per_person');
  await db.sql('update public.approvals set person_id = public._person_of($2) where task_id = $1', [held.task.taskId, PEOPLE.owner]);
  await expectRefusal(held, ['approvals']);
});

test('two slots of which one is filled by a stand-in for the other', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const held = await ready();
  await db.sql(
    `update public.person_roles set source = 'delegation', delegated_by = public._person_of($2), granted_at = now() - interval '1 day', expires_at = now() + interval '1 day'
     where person_id = public._person_of($1) and role = 'operator'`,
    [PEOPLE.secondOperator, PEOPLE.owner],
  );
  await expectRefusal(held, ['approvals']);
});
