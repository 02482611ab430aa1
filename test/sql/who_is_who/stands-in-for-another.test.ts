import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { reviewBreakGlass } from '../../../src/store/break-glass.ts';
import { recordCard } from '../../../src/store/cards.ts';
import { decideDoubt, openDoubtCard } from '../../../src/store/effects.ts';
import { listDeciders } from '../../../src/store/people.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { askedGlass, forgetGlasses, letGlassRunOut, openGlass } from '../../support/break-glass.ts';
import { applyChange, decideAs, delegateRole, grantRole, meet, openChange, proposeAs, revokeRoleOf } from '../../support/changes.ts';
import {
  approve,
  approveTask,
  askTask,
  claim,
  grant,
  handInPlan,
  openStory,
  PUBLISH_PLAN,
  sendPart,
  settle,
  startTask,
} from '../../support/stories.ts';
import { PEOPLE, PLACES, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer, member, stranger } = PEOPLE;
const db = await openStory(PUBLISH_IS_T3);
afterAll(() => db.close());
afterEach(() => forgetGlasses(db));
const bot = db.rpc('ags_bot');

/** Mia has a role only because Olivia, an owner, is away. */
beforeAll(async () => {
  await meet(db, member, 'Mia');
  await meet(db, stranger, 'Stefan');
  await applyChange(db, delegateRole(owner, member, 'owner', 86_400), { by: owner, second: operator });
});
const refused = { outcome: 'refused', code: 'stand_in' };

test('not where the one who lent the role asked; somebody else’s request they approve', async () => {
  const { reference } = await askTask(db, { by: owner });
  expect(await approve(db, reference, member)).toMatchObject(refused);
  expect(await approve(db, reference, member, { asRole: 'operator' })).toMatchObject(refused);
  expect(await listDeciders(bot, reference)).toEqual([secondOwner, operator, secondOperator]);
  const other = await askTask(db, { by: operator });
  expect(await listDeciders(bot, other.reference)).toEqual([owner, secondOwner, secondOperator, member]);
  expect(await approve(db, other.reference, member)).toMatchObject({ outcome: 'recorded', slot: 'owner' });
  expect(await approve(db, other.reference, secondOperator)).toMatchObject({ outcome: 'approved' });
});

test('not beside the one who lent the role, whoever comes first', async () => {
  const { reference } = await askTask(db, { by: operator });
  expect(await approve(db, reference, owner, { asRole: 'operator' })).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await approve(db, reference, member)).toMatchObject(refused);
  expect(await listDeciders(bot, reference)).toEqual([secondOwner]);
  expect(await approve(db, reference, secondOwner)).toMatchObject({ outcome: 'approved' });
  const next = await askTask(db, { by: operator });
  expect(await approve(db, next.reference, member)).toMatchObject({ outcome: 'recorded', slot: 'owner' });
  expect(await approve(db, next.reference, owner)).toMatchObject(refused);
  expect(await listDeciders(bot, next.reference)).toEqual([secondOwner, secondOperator]);
});

test('two who stand in for one are one', async () => {
  await applyChange(db, delegateRole(owner, stranger, 'operator'), { by: owner, second: operator });
  const { reference } = await askTask(db, { by: operator });
  expect(await approve(db, reference, stranger)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await approve(db, reference, member)).toMatchObject(refused);
  expect(await approve(db, reference, secondOwner)).toMatchObject({ outcome: 'approved' });
});

test('with a role of their own they are a person of their own', async () => {
  await applyChange(db, grantRole(stranger, 'operator'), { by: secondOwner, second: operator });
  const { reference } = await askTask(db, { by: operator });
  expect(await approve(db, reference, owner)).toMatchObject({ outcome: 'recorded', slot: 'owner' });
  expect(await approve(db, reference, stranger)).toMatchObject({ outcome: 'approved' });
  await applyChange(db, revokeRoleOf(stranger, 'operator'), { by: secondOwner, second: operator });
});

test('a change is not of two people when one stands in for the other, nor for whom it is about', async () => {
  const change = await openChange(db, grantRole(501, 'reviewer'), owner);
  expect(await listDeciders(bot, change.reference)).toEqual([secondOwner, operator, secondOperator]);
  expect(await decideAs(db, change, member)).toMatchObject(refused);
  const proposed = await openChange(db, grantRole(502, 'reviewer'), member);
  expect(await decideAs(db, proposed, owner)).toMatchObject(refused);
  expect(await decideAs(db, proposed, secondOwner)).toMatchObject({ outcome: 'applied' });
  const about = await openChange(db, grantRole(owner, 'reviewer'), secondOwner);
  expect(await decideAs(db, about, member)).toMatchObject(refused);
});

test('what only such a pair could decide is refused at once', async () => {
  const others = `person_id in (select i.person_id from public.identities i where i.external_id not in (${owner}, ${member}))`;
  await db.sql(`update public.person_roles set revoked_at = now(), revoked_by = 'away' where revoked_at is null and ${others}`);
  expect(await proposeAs(db, owner, grantRole(503, 'reviewer'))).toMatchObject({
    outcome: 'refused',
    problem: expect.stringContaining('nobody who could be the second one'),
  });
  const planned = await handInPlan(db, await claim(db, `${await startTask(db, { by: owner })}/plan`), PUBLISH_PLAN);
  expect(planned).toMatchObject({ outcome: 'refused', reasons: [expect.stringContaining('not enough people')] });
  expect(await stopEffects(bot, { externalId: owner, reason: '', scope: 'effects' })).toMatchObject({ canBeLifted: false });
  await db.sql(`update public.person_roles set revoked_at = null, revoked_by = null where revoked_by = 'away'`);
  for (const externalId of [operator, secondOwner]) await resumeEffects(bot, { externalId, reason: '' });
});

test('what only such a pair could decide is refused at once, also where an operator is left beside them', async () => {
  const others = `person_id in (select i.person_id from public.identities i where i.external_id not in (${owner}, ${member}, ${operator}))`;
  await db.sql(`update public.person_roles set revoked_at = now(), revoked_by = 'away' where revoked_at is null and ${others}`);
  const planned = await handInPlan(db, await claim(db, `${await startTask(db, { by: owner })}/plan`), PUBLISH_PLAN);
  expect(planned).toMatchObject({ outcome: 'refused', reasons: [expect.stringContaining('not enough people')] });
  await db.sql(`update public.person_roles set revoked_at = null, revoked_by = null where revoked_by = 'away'`);
});

test('the two do not lift a stop', async () => {
  for (const [first, second] of [
    [owner, member],
    [member, owner],
  ] as const) {
    await stopEffects(bot, { externalId: reviewer, reason: 'smoke', scope: 'effects' });
    expect(await resumeEffects(bot, { externalId: first, reason: '' })).toMatchObject({ outcome: 'asked' });
    expect(await resumeEffects(bot, { externalId: second, reason: '' })).toMatchObject(refused);
    expect(await resumeEffects(bot, { externalId: operator, reason: '' })).toMatchObject({ outcome: 'resumed' });
  }
});

test('the two do not send again what may have landed', async () => {
  const { taskId } = await approveTask(db, { by: operator });
  const held = await grant(db, taskId);
  await sendPart(db, held.effectId, 1);
  await settle(db, held, 'again');
  const { card } = await openDoubtCard(bot, held.effectId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 801);
  const press = (externalId: number) =>
    decideDoubt(bot, { token: card.token, chatId: PLACES.admin, messageId: 801, externalId, answer: 'again' });
  expect(await press(owner)).toMatchObject({ outcome: 'first_of_two' });
  expect(await press(member)).toMatchObject(refused);
  expect(await press(secondOperator)).toMatchObject({ outcome: 'recorded' });
});

test('the two do not break a glass, and the one does not review what the other opened', async () => {
  const { taskId } = await askTask(db, { by: operator });
  for (const [opener, second] of [
    [owner, member],
    [member, owner],
  ] as const) {
    expect(await decideAs(db, await askedGlass(db, taskId, opener), second)).toMatchObject(refused);
    await forgetGlasses(db);
    await openGlass(db, taskId, { by: opener, second: reviewer });
    await letGlassRunOut(db);
    await db.sql(`update public.break_glasses set status = 'expired', ended_at = now() where status = 'open'`);
    const review = (externalId: number) => reviewBreakGlass(bot, { externalId, taskId, text: 'looked at' });
    expect(await review(opener)).toMatchObject({ code: 'opener' });
    expect(await review(second)).toMatchObject({ code: 'stand_in' });
    expect(await review(secondOwner)).toMatchObject({ code: null });
    await db.sql(`delete from public.approvals where task_id = $1 and break_glass_id is not null`, [taskId]);
    await db.sql(`update public.approval_requests set status = 'pending', decided_at = null where task_id = $1`, [taskId]);
  }
});

test('a glass is not filled by whoever stands in for the one who asked or has approved', async () => {
  const asked = await askTask(db, { by: owner });
  expect(await decideAs(db, await askedGlass(db, asked.taskId, secondOwner), member)).toMatchObject({ outcome: 'refused' });
  await forgetGlasses(db);
  const approved = await askTask(db, { by: operator });
  await approve(db, approved.reference, owner, { asRole: 'operator' });
  expect(await decideAs(db, await askedGlass(db, approved.taskId, secondOwner), member)).toMatchObject({ outcome: 'applied' });
  const rows = await db.sql('select role, approver from public.approvals where task_id = $1 order by role', [approved.taskId]);
  expect(rows).toEqual([
    { role: 'operator', approver: `tg:${owner}` },
    { role: 'owner', approver: `tg:${secondOwner}` },
  ]);
  await forgetGlasses(db);
  // Whoever asked fills nothing, so that only the stand-in could; and the one they stand in for has approved.
  const own = await askTask(db, { by: secondOwner });
  await approve(db, own.reference, owner, { asRole: 'operator' });
  expect(await decideAs(db, await askedGlass(db, own.taskId, secondOwner), member)).toMatchObject({ outcome: 'refused' });
});
