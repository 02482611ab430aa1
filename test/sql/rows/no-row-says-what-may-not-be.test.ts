import { afterAll, expect, test } from 'vitest';
import { applyChange, grantRole } from '../../support/changes.ts';
import { approveTask, askTask, grant, openStory } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';

/** The last layer: what no function would write cannot be stored either, whoever writes it. */
const db = await openStory();
afterAll(() => db.close());

const expectRefused = (constraint: string, statement: string, values: unknown[] = []) =>
  expect(db.sql(statement, values)).rejects.toMatchObject({ constraint });

test('two decisions of one person on one request', async () => {
  const { taskId } = await approveTask(db);
  await expectRefused(
    'approvals_one_per_person',
    `insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, artifact_checksum)
     select request_id, task_id, step_id, tier, approver, person_id, 'owner', decision, artifact_checksum from public.approvals where task_id = $1`,
    [taskId],
  );
});

test('two people in one slot', async () => {
  const { taskId } = await approveTask(db);
  await expectRefused(
    'approvals_one_per_slot',
    `insert into public.approvals (request_id, task_id, step_id, tier, approver, person_id, role, decision, artifact_checksum)
     select request_id, task_id, step_id, tier, 'tg:112', public._person_of($2), role, decision, artifact_checksum from public.approvals where task_id = $1`,
    [taskId, PEOPLE.secondOperator],
  );
});

test('T3 with one slot', async () => {
  const { taskId } = await askTask(db);
  await expectRefused('approval_requests_t3_has_two_slots', `update public.approval_requests set tier = 'T3' where task_id = $1`, [taskId]);
});

test('a change of the rules with one slot', async () => {
  const { changeId } = await applyChange(db, grantRole(PEOPLE.member, 'reviewer'));
  await expectRefused('changes_take_two_people', `update public.changes set slots = '{owner}' where change_id = $1`, [changeId]);
});

test('a post that nobody was asked about', async () => {
  const { effectId } = await grant(db, (await approveTask(db)).taskId);
  await expectRefused('effects_people_asked_from_t2', 'update public.effects set request_id = null where effect_id = $1', [effectId]);
});

/** A further grant of the same step on the same approval, under a key of its own. */
const GRANT_AGAIN = `insert into public.effects (task_id, step_id, kind, tier, idempotency_key, artifact_checksum, target_chat_id, part_count, request_id, policy_version, generation, fence)
  select task_id, step_id, kind, tier, idempotency_key || ':again', artifact_checksum, target_chat_id, part_count, request_id, policy_version, generation, fence
  from public.effects where effect_id = $1`;

test('a second effect of one step, and one approval for two effects', async () => {
  const { effectId } = await grant(db, (await approveTask(db)).taskId);
  await expectRefused('effects_one_per_step', GRANT_AGAIN, [effectId]);
  await db.sql('drop index public.effects_one_per_step');
  await expectRefused('effects_approval_used_once', GRANT_AGAIN, [effectId]);
});

test('a stop that one person lifted', async () => {
  await expectRefused(
    'stops_resumed_by_two_people',
    `insert into public.stops (generation, scope, stopped_at, stopped_by, resumed_at, resumed_by_1, resumed_by_2)
     select 99, 'effects', now(), 'tg:101', now(), public._person_of($1), public._person_of($1)`,
    [PEOPLE.owner],
  );
});
