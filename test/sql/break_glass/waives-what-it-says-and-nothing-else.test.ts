import { afterAll, afterEach, expect, test } from 'vitest';
import { sweep } from '../../../src/store/steps.ts';
import { askedGlass, askForGlass, forgetGlasses, openGlass } from '../../support/break-glass.ts';
import { decideAs } from '../../support/changes.ts';
import { approve, askTask, authorize, claim, FULL_MARKS, loadTask, openStory } from '../../support/stories.ts';
import { changePolicy, listActions, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer } = PEOPLE;
const NO_REVISIONS = { quality: { pass_points: 7, max_revisions: 0 } };
/** 6 of 9 points and no red flag: below every threshold. */
const POOR = { ...FULL_MARKS, factuality: 0 as const };
const FLAGGED = { ...POOR, red_flags: ['a promise of profit'] };

const db = await openStory({ ...PUBLISH_IS_T3, ...NO_REVISIONS });
afterAll(() => db.close());
afterEach(() => forgetGlasses(db));

const lastRequest = async (taskId: string) => (await loadTask(db, taskId)).requests.at(-1);

test('nobody for a slot: the owner and a reviewer fill both, and the effect goes once', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  const change = await askedGlass(db, taskId);
  expect(change).toMatchObject({
    kind: 'break_glass',
    breakGlass: { taskId, reference, status: null, unmet: ['operator: waiting', 'owner: waiting'] },
  });
  expect(change.decisions).toMatchObject([{ slot: 'owner', approver: `tg:${owner}` }]);
  expect((await lastRequest(taskId))?.status).toBe('pending');
  expect(await decideAs(db, change, reviewer)).toMatchObject({
    outcome: 'applied',
    slot: 'operator',
    change: { breakGlass: { status: 'open' } },
  });
  const rows = await db.sql(
    'select approver, role, break_glass_id is not null as is_glass from public.approvals where task_id = $1 order by role',
    [taskId],
  );
  expect(rows).toEqual([
    { approver: `tg:${reviewer}`, role: 'operator', is_glass: true },
    { approver: `tg:${owner}`, role: 'owner', is_glass: true },
  ]);
  const held = await claim(db, `${taskId}/publish`);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go' });
  const [effect] = await db.sql(
    'select e.break_glass_id = g.break_glass_id as is_same, g.status from public.effects e join public.break_glasses g using (task_id) where task_id = $1',
    [taskId],
  );
  expect(effect).toEqual({ is_same: true, status: 'used' });
  expect((await listActions(db, taskId)).filter((action) => action.startsWith('glass.'))).toEqual(['glass.ask', 'glass.open', 'glass.use']);
  expect(await loadTask(db, taskId)).toMatchObject({
    breakGlasses: [{ status: 'used', changeReference: change.reference, reason: 'the market moves now' }],
  });
});

test('it fills only what is empty: an approval that was given counts', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await approve(db, reference, secondOwner);
  await openGlass(db, taskId, { second: secondOperator });
  const rows = await db.sql('select approver from public.approvals where task_id = $1 order by ts', [taskId]);
  expect(rows.map(({ approver }) => approver)).toEqual([`tg:${secondOwner}`, `tg:${owner}`]);
  expect(await authorize(db, await claim(db, `${taskId}/publish`))).toMatchObject({ verdict: 'go' });
});

test('the critic’s threshold, also of a task that it held; a red flag is no threshold', async () => {
  const { taskId } = await askTask(db, { by: operator, critique: POOR });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'held' });
  await openGlass(db, taskId);
  const items = (await lastRequest(taskId))?.verdict.items ?? [];
  expect(items.find(({ requirement }) => requirement === 'critic>=0.9')).toMatchObject({
    isMet: true,
    detail: 'critic 0.67, 0.9 needed, waived by break-glass',
  });
  expect(await authorize(db, await claim(db, `${taskId}/publish`))).toMatchObject({ verdict: 'go' });
  await forgetGlasses(db);
  const flagged = await askTask(db, { by: operator, critique: FLAGGED });
  expect(await askForGlass(db, flagged.taskId)).toMatchObject({
    outcome: 'refused',
    problem: 'this is not waived: the critic raised a red flag',
  });
});

test('the expiry: a task that ended because nobody decided goes on; what it does not name stays', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  await db.sql(`update public.approval_requests set expires_at = now() - interval '1 second' where reference = $1`, [reference]);
  await sweep(db.rpc('ags_worker'), 60_000);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'expired' });
  await openGlass(db, taskId);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running', endedAt: null, failureCode: null });
  await sweep(db.rpc('ags_worker'), 60_000);
  expect(await authorize(db, await claim(db, `${taskId}/publish`))).toMatchObject({ verdict: 'go' });
});

test('not the dry run, and not what was not shown whole', async () => {
  const noReport = await askTask(db, { by: operator, hasDryRun: false });
  expect(await askForGlass(db, noReport.taskId)).toMatchObject({ outcome: 'refused', problem: 'this is not waived: no dry run yet' });
  const notWhole = await askTask(db, { by: operator, parts: 2, staged: 1 });
  expect(await askForGlass(db, notWhole.taskId)).toMatchObject({
    outcome: 'refused',
    problem: 'this is not waived: 1 of 2 parts have been shown',
  });
});

test('not the separation: whoever asked for the task fills no slot of it', async () => {
  const own = await askTask(db, { by: owner });
  expect(await askForGlass(db, own.taskId)).toMatchObject({
    outcome: 'refused',
    problem: expect.stringContaining('nobody approves what they asked for themselves'),
  });
  await approve(db, own.reference, operator);
  const change = await askedGlass(db, own.taskId);
  expect(await decideAs(db, change, operator)).toMatchObject({ outcome: 'refused', code: 'fills_nothing' });
  expect(await decideAs(db, change, reviewer)).toMatchObject({ outcome: 'applied' });
  expect(await authorize(db, await claim(db, `${own.taskId}/publish`))).toMatchObject({ verdict: 'go' });
  await forgetGlasses(db);
  const theirs = await askTask(db, { by: operator });
  expect(await decideAs(db, await askedGlass(db, theirs.taskId), operator)).toMatchObject({ outcome: 'refused', code: 'fills_nothing' });
});

test('not the rates, which are half of what they were', async () => {
  const rates = { effects_per_chat: { max: 2, per: '1h' } };
  await changePolicy(db, { ...PUBLISH_IS_T3, ...NO_REVISIONS, rates });
  await db.sql('delete from public.rate_windows');
  const first = await askTask(db, { by: operator });
  await openGlass(db, first.taskId);
  expect(await authorize(db, await claim(db, `${first.taskId}/publish`))).toMatchObject({ verdict: 'go' });
  await forgetGlasses(db);
  const second = await askTask(db, { by: operator });
  await openGlass(db, second.taskId);
  expect(await authorize(db, await claim(db, `${second.taskId}/publish`))).toMatchObject({
    verdict: 'limited',
    reasons: ['effects_per_chat'],
  });
  await changePolicy(db, { ...PUBLISH_IS_T3, ...NO_REVISIONS });
});
