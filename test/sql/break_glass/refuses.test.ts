import { afterAll, afterEach, expect, test } from 'vitest';
import { editRequest } from '../../../src/store/approvals.ts';
import { proposeBreakGlass, reviewBreakGlass } from '../../../src/store/break-glass.ts';
import { recordCard } from '../../../src/store/cards.ts';
import { decideChange, openChangeCard } from '../../../src/store/changes.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { cancelTask } from '../../../src/store/tasks.ts';
import { askedGlass, askForGlass, forgetGlasses } from '../../support/break-glass.ts';
import { applyChange, decideAs, linkAccounts, meet } from '../../support/changes.ts';
import { approveTask, ask, askTask, grant, openStory, planTask, reject } from '../../support/stories.ts';
import { lastRecord, makeArtifact, PEOPLE, PLACES, PUBLISH_IS_T3, restoreRoles, revokeRole } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer, member, stranger } = PEOPLE;
const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
afterEach(() => forgetGlasses(db));

const bot = db.rpc('ags_bot');

test.each([operator, reviewer, member, stranger])('%i is no owner and does not open one', async (externalId) => {
  const { taskId } = await askTask(db, { by: operator });
  expect(await askForGlass(db, taskId, externalId)).toMatchObject({ outcome: 'refused', problem: 'only an owner opens a break-glass' });
  expect(await lastRecord(db, taskId)).toMatchObject({ action: 'glass.refuse', actor: `tg:${externalId}` });
});

test('the keys of workers, web and readers open none and review none', async () => {
  const { taskId } = await askTask(db, { by: operator });
  for (const role of ['ags_worker', 'ags_web', 'ags_reader'] as const) {
    const rpc = db.rpc(role);
    await expect(proposeBreakGlass(rpc, { externalId: owner, taskId, reason: 'now' })).rejects.toMatchObject({ code: 'not_allowed' });
    await expect(reviewBreakGlass(rpc, { externalId: owner, taskId, text: 'fine' })).rejects.toMatchObject({ code: 'not_allowed' });
  }
});

test('no reason, no task, nothing that waits', async () => {
  const { taskId } = await askTask(db, { by: operator });
  expect(await askForGlass(db, taskId, owner, '  ')).toMatchObject({ problem: expect.stringContaining('needs a reason') });
  expect(await askForGlass(db, 'T-2020-01-01-0001')).toMatchObject({ problem: 'there is no such task' });
  expect(await askForGlass(db, await planTask(db))).toMatchObject({ problem: expect.stringContaining('nothing of this task waits') });
  const { taskId: cancelled } = await askTask(db, { by: operator });
  await cancelTask(bot, { taskId: cancelled, externalId: owner, reason: 'no' });
  expect(await askForGlass(db, cancelled)).toMatchObject({ problem: 'the task has ended (cancelled)' });
  const { taskId: sent } = await approveTask(db);
  await grant(db, sent);
  expect(await askForGlass(db, sent)).toMatchObject({ outcome: 'refused' });
});

test('the same person twice, also by another account', async () => {
  const account = 4101;
  await meet(db, account, 'Olivia at home');
  await applyChange(db, linkAccounts(owner, account), { by: secondOwner, second: operator });
  const { taskId } = await askTask(db, { by: operator });
  const change = await askedGlass(db, taskId);
  expect(await decideAs(db, change, owner)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  expect(await decideAs(db, change, account)).toMatchObject({ outcome: 'refused', code: 'already_yours' });
  expect(await decideAs(db, change, stranger)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await db.sql('select 1 from public.break_glasses where task_id = $1', [taskId])).toEqual([]);
});

test('a press counts on the card’s own message in its own chat alone', async () => {
  const { taskId } = await askTask(db, { by: operator });
  const change = await askedGlass(db, taskId);
  const { card } = await openChangeCard(bot, change.changeId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 700);
  const press = (chatId: number, messageId: number) =>
    decideChange(bot, { pointer: { token: card.token, chatId, messageId }, externalId: reviewer, decision: 'approve', source: 'button' });
  expect(await press(PLACES.signals, 700)).toMatchObject({ code: 'wrong_message' });
  expect(await press(PLACES.admin, 701)).toMatchObject({ code: 'wrong_message' });
  expect(await press(PLACES.admin, 700)).toMatchObject({ outcome: 'applied' });
});

test('one at a time: asked again it is the first one, and for another task there is none', async () => {
  const [one, other] = [await askTask(db, { by: operator }), await askTask(db, { by: operator })];
  const change = await askedGlass(db, one.taskId);
  expect(await askForGlass(db, one.taskId, secondOwner)).toMatchObject({ outcome: 'exists', change: { reference: change.reference } });
  const refusal = { outcome: 'refused', problem: expect.stringMatching(/is open: there is one at a time$/) };
  expect(await askForGlass(db, other.taskId)).toMatchObject(refusal);
  await decideAs(db, change, reviewer);
  expect(await askForGlass(db, other.taskId)).toMatchObject(refusal);
  expect(await decideAs(db, change, secondOperator)).toMatchObject({ code: 'already_applied' });
});

test('while stopped nothing is asked, and a press changes nothing', async () => {
  const [one, other] = [await askTask(db, { by: operator }), await askTask(db, { by: operator })];
  const change = await askedGlass(db, one.taskId);
  await stopEffects(bot, { externalId: reviewer, reason: 'drill', scope: 'effects' });
  expect(await decideAs(db, change, reviewer)).toMatchObject({ outcome: 'refused', code: 'stopped', change: { status: 'pending' } });
  expect(await askForGlass(db, other.taskId)).toMatchObject({
    problem: expect.stringContaining('no break-glass goes past the emergency stop'),
  });
  for (const externalId of [operator, owner]) await resumeEffects(bot, { externalId, reason: '' });
  expect(await decideAs(db, change, reviewer)).toMatchObject({ outcome: 'applied' });
});

test('anybody with a role vetoes it', async () => {
  const { taskId } = await askTask(db, { by: operator });
  const change = await askedGlass(db, taskId);
  expect(await decideAs(db, change, member, { decision: 'reject', reason: 'no' })).toMatchObject({ code: 'no_role' });
  expect(await decideAs(db, change, reviewer, { decision: 'reject', reason: 'not this one' })).toMatchObject({ outcome: 'rejected' });
  expect(await decideAs(db, change, secondOwner)).toMatchObject({ code: 'already_rejected' });
  expect(await lastRecord(db, taskId)).toMatchObject({ action: 'glass.reject', actor: `tg:${reviewer}` });
});

test('what was rejected or edited meanwhile is not what was asked about', async () => {
  const rejected = await askTask(db, { by: operator });
  const first = await askedGlass(db, rejected.taskId);
  await reject(db, rejected.reference, secondOperator);
  expect(await decideAs(db, first, reviewer)).toMatchObject({ outcome: 'void', change: { voidReason: 'the task has ended (rejected)' } });
  const edited = await askTask(db, { by: operator });
  const second = await askedGlass(db, edited.taskId);
  await editRequest(bot, {
    reference: edited.reference,
    externalId: secondOperator,
    artifact: makeArtifact('edited.md', 'draft', 'Better'),
  });
  await ask(db, edited.taskId);
  expect(await decideAs(db, second, reviewer)).toMatchObject({
    outcome: 'void',
    change: { voidReason: 'what would go out is no longer what was shown' },
  });
});

test('a second person who lost every role before they confirmed is none', async () => {
  const { taskId } = await askTask(db, { by: operator });
  const change = await askedGlass(db, taskId);
  await revokeRole(db, reviewer);
  expect(await decideAs(db, change, reviewer)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  await restoreRoles(db);
  expect(await decideAs(db, change, reviewer)).toMatchObject({ outcome: 'applied' });
});
