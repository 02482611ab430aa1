import { afterAll, afterEach, expect, test } from 'vitest';
import { moveCard, recordCard } from '../../../src/store/cards.ts';
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

/** Where a break-glass has to be read before nobody's objection counts. */
const CHATS = [PLACES.admin, ALERTS];

const openCardIn = async ({ changeId }: ChangeView, chatId: number): Promise<string> =>
  (await openChangeCard(db.rpc('ags_bot'), changeId, { chatId, topicId: null }, CHATS)).card.cardId;

/** Stands in a chat from now on. Answers with its card. */
async function announce(change: ChangeView, chatId: number): Promise<string> {
  const cardId = await openCardIn(change, chatId);
  await recordCard(db.rpc('ags_bot'), cardId, 900);
  return cardId;
}

/** As if everything that has happened so far were so many minutes older. */
async function letPass(minutes: number): Promise<void> {
  const ago = `- make_interval(mins => ${minutes})`;
  await db.sql(`update public.cards set created_at = created_at ${ago}, sent_at = sent_at ${ago}`);
  await db.sql(`update public.stops set stopped_at = stopped_at ${ago}, resumed_at = resumed_at ${ago}`);
}

async function askGlass() {
  const { taskId } = await askTask(db, { by: operator });
  return { taskId, change: await askedGlass(db, taskId) };
}

async function waitingGlass(minutesAgo: number) {
  const asked = await askGlass();
  for (const chatId of CHATS) await announce(asked.change, chatId);
  await letPass(minutesAgo);
  return asked;
}
const stop = () => stopEffects(db.rpc('ags_bot'), { externalId: reviewer, reason: 'drill', scope: 'effects' });
async function resume(): Promise<void> {
  for (const externalId of [operator, owner]) await resumeEffects(db.rpc('ags_bot'), { externalId, reason: '' });
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
  await openCardIn(change, owner);
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
  const { taskId, change } = await askGlass();
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await announce(change, PLACES.admin);
  await openCardIn(change, ALERTS);
  await letPass(31);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await forgetGlasses(db);
  const vetoed = await waitingGlass(31);
  expect(await decideAs(db, vetoed.change, reviewer, { decision: 'reject', reason: 'no' })).toMatchObject({ outcome: 'rejected' });
  await sweepNow();
  expect(await countGlasses(vetoed.taskId)).toBe(0);
});

test('asked again after a veto, it takes a second person', async () => {
  const { taskId, change } = await waitingGlass(31);
  await decideAs(db, change, reviewer, { decision: 'reject', reason: 'no' });
  const again = await askedGlass(db, taskId);
  expect(again.breakGlass).toMatchObject({ vetoSeconds: 0, wasVetoed: true });
  for (const chatId of CHATS) await announce(again, chatId);
  await letPass(31);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  expect(await decideAs(db, again, reviewer)).toMatchObject({ outcome: 'applied' });
});

test('a card that nobody could read for so long does not count from when it was begun', async () => {
  const { taskId, change } = await askGlass();
  const cardIds = await Promise.all(CHATS.map((chatId) => openCardIn(change, chatId)));
  await letPass(31);
  for (const cardId of cardIds) await recordCard(db.rpc('ags_bot'), cardId, 900);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await letPass(31);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(1);
});

test('a card that was deleted and sent anew counts from then', async () => {
  const { taskId, change } = await waitingGlass(31);
  await moveCard(db.rpc('ags_bot'), await openCardIn(change, ALERTS), { from: 900, to: 901 });
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await letPass(31);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(1);
});

test('not on the card of the admin group alone, however long it stands', async () => {
  const { taskId, change } = await askGlass();
  await announce(change, PLACES.admin);
  await letPass(50);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
});

test('a veto counts while stopped, a confirmation does not', async () => {
  const { taskId, change } = await waitingGlass(31);
  await stop();
  expect(await decideAs(db, change, reviewer)).toMatchObject({ outcome: 'refused', code: 'stopped' });
  expect(await decideAs(db, change, reviewer, { decision: 'reject', reason: 'no' })).toMatchObject({ outcome: 'rejected' });
  await resume();
  await letPass(31);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
});

test('not while stopped, and from the resume the window runs anew', async () => {
  const { taskId } = await waitingGlass(20);
  await stop();
  await letPass(11);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await resume();
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await letPass(29);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(0);
  await letPass(2);
  await sweepNow();
  expect(await countGlasses(taskId)).toBe(1);
});

test('not when the owner is none any more', async () => {
  const { taskId } = await waitingGlass(31);
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
