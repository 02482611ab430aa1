import { afterAll, expect, test } from 'vitest';
import { releaseStep } from '../../../src/store/steps.ts';
import {
  approveTask,
  authorize,
  claim,
  grant,
  loadTask,
  openStory,
  planTask,
  REPLY_PLAN,
  runUntilKind,
  sendPart,
  settle,
  toHeld,
} from '../../support/stories.ts';
import { listActions } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());

test('over exactly what was approved, to where it was to go; asked again, it says how far that came', async () => {
  const { taskId, request } = await approveTask(db);
  const held = await claim(db, `${taskId}/publish`);
  const go = await authorize(db, held);
  expect(go).toMatchObject({
    verdict: 'go',
    reasons: [],
    effect: { kind: 'post', tier: 'T2', status: 'granted', artifactChecksum: request.artifactChecksum },
  });
  expect(go.effect?.staged).toMatchObject([{ part: 1, messageId: 101 }]);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'exists', effect: { effectId: go.effect?.effectId, attempts: [] } });
  expect(await listActions(db, taskId)).toContain('effect.grant');
});

test('an answer of T1 needs no people, but the critic', async () => {
  const held = await runUntilKind(db, await planTask(db, { nodes: REPLY_PLAN }), 'effect');
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go', effect: { kind: 'reply', tier: 'T1', staged: [] } });
});

test('void, because nothing had left, is granted again under the same effect', async () => {
  const { taskId } = await approveTask(db);
  const first = await grant(db, taskId);
  await sendPart(db, first.effectId, 1, 'refused');
  const { deliver } = await settle(db, first, 'again');
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/publish` }));
  const second = await grant(db, taskId);
  expect(second.effectId).toBe(first.effectId);
  expect(await sendPart(db, second.effectId, 1, 'done')).toMatchObject({ isGo: true });
  await settle(db, second, 'done');
  expect((await loadTask(db, taskId)).effects).toMatchObject([
    { status: 'done', attempts: [{ status: 'refused' }, { status: 'done', messageId: 9001 }] },
  ]);
});

test('a worker that died between grant and try leaves the effect to the next one', async () => {
  const { taskId } = await approveTask(db);
  const lost = await grant(db, taskId);
  await releaseStep(db.rpc('ags_worker'), toHeld(lost.held), 0);
  expect(await sendPart(db, lost.effectId, 1)).toMatchObject({ isGo: false, code: 'lease_lost' });
  const next = await claim(db, `${taskId}/publish`);
  expect(await authorize(db, next)).toMatchObject({ verdict: 'exists', effect: { effectId: lost.effectId, status: 'granted' } });
  expect(await sendPart(db, lost.effectId, 1, 'done')).toMatchObject({ isGo: true });
  await settle(db, { held: next, effectId: lost.effectId }, 'done');
  expect((await loadTask(db, taskId)).effects).toMatchObject([{ status: 'done' }]);
});

test('the rest of a post goes on after a wait, and what has landed does not land twice', async () => {
  const { taskId } = await approveTask(db, { parts: 3 });
  const first = await grant(db, taskId, { parts: 3 });
  await sendPart(db, first.effectId, 1, 'done');
  await sendPart(db, first.effectId, 2, 'refused');
  await settle(db, first, 'again');
  const held = await claim(db, `${taskId}/publish`);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'exists', effect: { status: 'granted' } });
  expect(await sendPart(db, first.effectId, 1)).toMatchObject({ isGo: false, code: 'already_sent' });
  await sendPart(db, first.effectId, 2, 'done');
  await sendPart(db, first.effectId, 3, 'done');
  await settle(db, { held, effectId: first.effectId }, 'done');
  expect(await loadTask(db, taskId)).toMatchObject({ effects: [{ status: 'done' }] });
});

test('the rest of a post does not go on when its approval is out of time', async () => {
  const { taskId } = await approveTask(db, { parts: 2 });
  const first = await grant(db, taskId, { parts: 2 });
  await sendPart(db, first.effectId, 1, 'done');
  await settle(db, first, 'again');
  await db.sql(`update public.approval_requests set expires_at = now() - interval '1 second' where task_id = $1`, [taskId]);
  const held = await claim(db, `${taskId}/publish`);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'refused', reasons: ['expired'], effect: { effectId: first.effectId } });
  expect(await sendPart(db, first.effectId, 2)).toMatchObject({ isGo: false, code: 'lease_lost' });
});
