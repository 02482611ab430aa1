import { afterAll, expect, test } from 'vitest';
import { freeChats } from '../../../src/store/chat-moves.ts';
import { settleEffect } from '../../../src/store/effects.ts';
import { closeIncidents } from '../../../src/store/incidents.ts';
import { claimStep, sweep } from '../../../src/store/steps.ts';
import { approveTask, claim, type Granted, grant, HOLDER, loadTask, openStory, runToEnd, sendPart, toHeld } from '../../support/stories.ts';
import { PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

/** Telegram said that the bot may not write there. */
async function shut({ held, effectId }: Granted) {
  await sendPart(db, effectId, 1, 'refused');
  const end = { effectId, outcome: 'shut', note: 'part 1: Forbidden', retryAfterMs: 600_000, holder: null } as const;
  return settleEffect(worker, { ...toHeld(held), ...end });
}
const granted = async () => grant(db, (await approveTask(db)).taskId);
const listIncidents = () =>
  db.sql(`select evidence ->> 'chat_id' as chat_id, occurrence_count, state from public.incidents where kind = 'chat_shut'`);

test('the approved post is kept and its step waits, with one incident for the chat', async () => {
  const [first, second] = [await granted(), await granted()];
  for (const effect of [first, second]) {
    const { stepId, taskId } = effect.held.step;
    expect((await shut(effect)).deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: stepId, delayMs: 600_000 }));
    const task = await loadTask(db, taskId);
    expect(task).toMatchObject({ status: 'running', effects: [{ status: 'void' }], requests: [{ status: 'approved' }] });
    expect(task.steps).toContainEqual(expect.objectContaining({ status: 'ready', waitsFor: `access:${PLACES.signals}`, attemptCount: 0 }));
    expect(await claimStep(worker, stepId, HOLDER)).toBeNull();
  }
  expect(await listIncidents()).toEqual([{ chat_id: `${PLACES.signals}`, occurrence_count: 1, state: 'open' }]);
});

test('once the bot may write there it goes out under the same approval, and the incident ends by itself', async () => {
  const effect = await granted();
  const { stepId, taskId } = effect.held.step;
  await shut(effect);
  expect(await freeChats(bot, [PLACES.admin])).toEqual([]);
  const nudges = await freeChats(bot, [PLACES.admin, PLACES.signals]);
  expect(nudges).toContainEqual(expect.objectContaining({ job: 'step.run', id: stepId }));
  await closeIncidents(worker);
  expect(await listIncidents()).toMatchObject([{ state: 'open' }]);
  for (const { id } of nudges) expect(await runToEnd(db, id.split('/')[0] ?? '')).toMatchObject({ status: 'done' });
  expect((await loadTask(db, taskId)).effects).toMatchObject([{ effectId: effect.effectId, status: 'done' }]);
  await closeIncidents(worker);
  expect(await listIncidents()).toMatchObject([{ state: 'resolved' }]);
});

test('while it waits the approval may expire, as any other', async () => {
  const effect = await granted();
  await shut(effect);
  const { taskId } = effect.held.step;
  await db.sql(`update public.approval_requests set expires_at = now() - interval '1 second' where task_id = $1`, [taskId]);
  await sweep(worker, 60_000);
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'expired' });
});

test('whoever takes it up learns since when it has waited', async () => {
  const effect = await granted();
  await shut(effect);
  await db.sql(`update public.task_steps set not_before = null where step_id = $1`, [effect.held.step.stepId]);
  expect((await claim(db, effect.held.step.stepId)).step).toMatchObject({ waitsSince: expect.any(String) });
});
