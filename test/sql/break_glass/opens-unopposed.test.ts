import { afterAll, afterEach, expect, test } from 'vitest';
import { recordCard } from '../../../src/store/cards.ts';
import { type ChangeView, openChangeCard } from '../../../src/store/changes.ts';
import { sweep } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { askedGlass, forgetGlasses } from '../../support/break-glass.ts';
import { decideAs } from '../../support/changes.ts';
import { askTask, authorize, claim, loadTask, openStory } from '../../support/stories.ts';
import { changePolicy, listActions, PEOPLE, PLACES, PUBLISH_IS_T3, restoreRoles, revokeRole } from '../../support/story-world.ts';

const { owner, operator, reviewer } = PEOPLE;
const ALERTS = -1001000000002;
const WITH_WINDOW = { ...PUBLISH_IS_T3, break_glass: { veto_window: '30m' } };
const db = await openStory(WITH_WINDOW);
afterAll(() => db.close());
afterEach(async () => {
  await restoreRoles(db);
  await forgetGlasses(db);
});

/** Stands in a chat, as if it were sent so many minutes ago; not sent at all without a message. */
async function announce({ changeId }: ChangeView, chatId: number, minutesAgo: number, isSent = true): Promise<void> {
  const { card } = await openChangeCard(db.rpc('ags_bot'), changeId, { chatId, topicId: null });
  if (isSent) await recordCard(db.rpc('ags_bot'), card.cardId, 900);
  await db.sql(`update public.cards set created_at = now() - make_interval(mins => $2) where card_id = $1`, [card.cardId, minutesAgo]);
}

async function waitingGlass(minutesAgo: number) {
  const { taskId } = await askTask(db, { by: operator });
  const change = await askedGlass(db, taskId);
  await announce(change, PLACES.admin, minutesAgo);
  await announce(change, ALERTS, minutesAgo);
  return { taskId, change };
}
const sweepNow = () => sweep(db.rpc('ags_worker'), 60_000);
const countGlasses = async (taskId: string) => (await loadTask(db, taskId)).breakGlasses.length;

test('nobody objected for half an hour: it opens on the owner’s word, and says so', async () => {
  const { taskId, change } = await waitingGlass(31);
  expect(change.breakGlass?.vetoSeconds).toBe(1800);
  await sweepNow();
  expect(await listActions(db, taskId)).toContain('glass.open');
  expect(await db.sql('select waived_slot from public.break_glasses where task_id = $1', [taskId])).toEqual([{ waived_slot: 'operator' }]);
  expect(await db.sql('select approver, role from public.approvals where task_id = $1', [taskId])).toEqual([
    { approver: `tg:${owner}`, role: 'owner' },
  ]);
  const { requests } = await loadTask(db, taskId);
  expect(requests.at(-1)?.verdict.items.find(({ requirement }) => requirement === 'operator_approval')).toMatchObject({
    isMet: true,
    detail: 'operator: nobody objected to the break-glass',
  });
  expect(await authorize(db, await claim(db, `${taskId}/publish`))).toMatchObject({ verdict: 'go' });
});

test('not on a word that has not been confirmed with its code; a copy in a private chat keeps nobody waiting', async () => {
  const { taskId, change } = await waitingGlass(31);
  await announce(change, owner, 0, false);
  const count = (reason: string | null) =>
    db.sql(
      `update public.change_decisions set voided_at = case when $2::text is not null then now() end, void_reason = $2 where change_id = $1`,
      [change.changeId, reason],
    );
  await count('its code has not been given');
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await count(null);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(1);
});

test('not before it is over, not while it does not stand in every chat, not after a veto', async () => {
  const early = await waitingGlass(29);
  await sweepNow();
  expect(await countGlasses(early.taskId)).toBe(0);
  await forgetGlasses(db);
  const { taskId } = await askTask(db, { by: operator });
  const change = await askedGlass(db, taskId);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await announce(change, PLACES.admin, 31);
  await announce(change, ALERTS, 31, false);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await forgetGlasses(db);
  const vetoed = await waitingGlass(31);
  expect(await decideAs(db, vetoed.change, reviewer, { decision: 'reject', reason: 'no' })).toMatchObject({ outcome: 'rejected' });
  await sweepNow();
  expect(await countGlasses(vetoed.taskId)).toBe(0);
});

test('not while stopped, and not when the owner is none any more', async () => {
  const { taskId } = await waitingGlass(31);
  await stopEffects(db.rpc('ags_bot'), { externalId: reviewer, reason: 'drill', scope: 'effects' });
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  for (const externalId of [operator, owner]) await resumeEffects(db.rpc('ags_bot'), { externalId, reason: '' });
  await revokeRole(db, owner);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
});

test('not where the policy does not allow it, as it comes', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { taskId, change } = await waitingGlass(120);
  expect(change.breakGlass?.vetoSeconds).toBe(0);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await changePolicy(db, WITH_WINDOW);
});
