import { afterAll, afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { editRequest } from '../../../src/store/approvals.ts';
import { meetPerson } from '../../../src/store/people.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import {
  type Asked,
  approve,
  approveTask,
  ask,
  askTask,
  handInCritique,
  openRequest,
  openStory,
  type Press,
  planTask,
  reject,
  runUntilKind,
  showStaged,
  snapshot,
} from '../../support/stories.ts';
import { lastRecord, makeArtifact, PEOPLE, PLACES, restoreRoles, revokeRole } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
afterEach(() => restoreRoles(db));
const bot = db.rpc('ags_bot');

/** The press is refused with the code, the rows stand as they stood, and the audit log knows who tried. */
async function expectRefusal({ taskId, reference }: Pick<Asked, 'taskId' | 'reference'>, by: number, code: string, press: Press = {}) {
  const before = await snapshot(db, taskId);
  expect(await approve(db, reference, by, press)).toMatchObject({ outcome: 'refused', code, slot: null });
  expect(await snapshot(db, taskId)).toEqual(before);
  const refused = {
    actor: `tg:${by}`,
    action: 'approval.refuse',
    object: reference,
    after: { code, decision: press.decision ?? 'approve' },
  };
  expect(await lastRecord(db, taskId)).toMatchObject(refused);
}

test.each(['reviewer', 'member', 'stranger'] as const)('a %s', async (who) => {
  await meetPerson(bot, { externalId: PEOPLE[who], displayName: who, username: null, isPrivate: false });
  await expectRefusal(await askTask(db), PEOPLE[who], 'no_role');
});

test('nobody in particular: the anonymous admin, Telegram, a channel', async () => {
  const asked = await askTask(db);
  for (const id of [1_087_968_824, 777_000, 136_817_688, PLACES.signals]) await expectRefusal(asked, id, 'no_role');
});

test('an operator whose role was taken away', async () => {
  const asked = await askTask(db);
  await revokeRole(db, PEOPLE.operator);
  await expectRefusal(asked, PEOPLE.operator, 'no_role');
});

test('a reference that nobody gave', async () => {
  const answer = await approve(db, 'T2-ZZZZ', PEOPLE.owner);
  expect(answer).toMatchObject({ outcome: 'refused', code: 'unknown_reference', request: null });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:101', object: 'T2-ZZZZ', after: { code: 'unknown_reference' } });
});

test.each([null, '', 'maybe', 'APPROVE'])('a decision that is none (%j)', async (decision) => {
  const { taskId, reference } = await askTask(db);
  const before = await snapshot(db, taskId);
  const at = { p_reference: reference, p_token: null, p_chat_id: null, p_message_id: null, p_external_id: PEOPLE.owner };
  const args = { ...at, p_decision: decision, p_reason: null, p_as_role: null, p_source: 'command' };
  expect(await bot.call('decide_approval', args, z.looseObject({}))).toMatchObject({ outcome: 'refused', code: 'unknown_decision' });
  expect(await snapshot(db, taskId)).toEqual(before);
});

test('a rejection without a reason', async () => {
  const asked = await askTask(db);
  await expectRefusal(asked, PEOPLE.owner, 'reason_needed', { decision: 'reject' });
  await expectRefusal(asked, PEOPLE.owner, 'reason_needed', { decision: 'reject', reason: '   ' });
});

test('a request that has not been shown', async () => {
  const taskId = await planTask(db);
  const request = await openRequest(db, taskId);
  await expectRefusal({ taskId, reference: request.reference }, PEOPLE.owner, 'not_shown');
  await expectRefusal({ taskId, reference: request.reference }, PEOPLE.owner, 'not_shown', { decision: 'reject', reason: 'no' });
});

test('a request of which something else was shown, or less', async () => {
  await expectRefusal(await askTask(db, { problem: 'the text differs' }), PEOPLE.owner, 'unmet');
  await expectRefusal(await askTask(db, { parts: 2, staged: 1 }), PEOPLE.owner, 'unmet');
});

test('a request that is out of time, before any sweeper came', async () => {
  const asked = await askTask(db);
  await db.sql(`update public.approval_requests set expires_at = now() - interval '1 second' where reference = $1`, [asked.reference]);
  await expectRefusal(asked, PEOPLE.owner, 'expired');
});

test('a version that was replaced, which names the new one', async () => {
  const asked = await askTask(db);
  await editRequest(bot, {
    reference: asked.reference,
    externalId: PEOPLE.operator,
    artifact: makeArtifact('edited.md', 'draft', 'Better'),
  });
  await handInCritique(db, await runUntilKind(db, asked.taskId, 'critic'));
  const { reference } = await ask(db, asked.taskId);
  await expectRefusal(asked, PEOPLE.owner, 'replaced');
  expect((await approve(db, asked.reference, PEOPLE.owner)).request).toMatchObject({ replacedBy: reference });
});

test('while stopped, approvals and rejections alike', async () => {
  const asked = await askTask(db);
  await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
  await expectRefusal(asked, PEOPLE.owner, 'stopped');
  await expectRefusal(asked, PEOPLE.owner, 'stopped', { decision: 'reject', reason: 'no' });
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'approved' });
});

test('what has been approved, rejected, or whose task is over', async () => {
  await expectRefusal(await approveTask(db), PEOPLE.secondOperator, 'already_approved');
  const rejected = await askTask(db);
  await reject(db, rejected.reference, PEOPLE.operator);
  await expectRefusal(rejected, PEOPLE.owner, 'already_rejected');
  const cancelled = await askTask(db);
  await cancelTask(bot, { taskId: cancelled.taskId, externalId: PEOPLE.operator, reason: 'no' });
  await expectRefusal(cancelled, PEOPLE.owner, 'task_over');
});

test('an approval whose task was cancelled before its effect can be neither rejected nor edited any more', async () => {
  const asked = await approveTask(db);
  await cancelTask(bot, { taskId: asked.taskId, externalId: PEOPLE.operator, reason: 'no' });
  await expectRefusal(asked, PEOPLE.owner, 'task_over', { decision: 'reject', reason: 'no' });
  const before = await snapshot(db, asked.taskId);
  const artifact = makeArtifact('edited.md', 'draft', 'Better');
  expect(await editRequest(bot, { reference: asked.reference, externalId: PEOPLE.owner, artifact })).toMatchObject({ code: 'task_over' });
  expect(await snapshot(db, asked.taskId)).toEqual(before);
});

test('a T2 request without a full staged copy stays pending, and can still be rejected', async () => {
  const request = await openRequest(db, await planTask(db));
  await showStaged(db, request, { problem: 'the text differs' });
  expect(await reject(db, request.reference, PEOPLE.operator, 'as shown it is wrong')).toMatchObject({ outcome: 'rejected' });
});
