import { afterAll, beforeEach, expect, test } from 'vitest';
import { confirmChats, freezeChat } from '../../../src/store/chat-moves.ts';
import { closeIncidents } from '../../../src/store/incidents.ts';
import { waitStep } from '../../../src/store/steps.ts';
import { approveTask, authorize, claim, grant, openStory, sendPart, toHeld } from '../../support/stories.ts';
import { lastRecord, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
beforeEach(() => db.sql('delete from public.incidents; delete from public.chat_moves'));
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');

const NEW_ID = -1009999999999;
const freeze = () => freezeChat(worker, { chatId: PLACES.signals, newChatId: NEW_ID });
const ready = async () => claim(db, `${(await approveTask(db)).taskId}/publish`);
const FROZEN = { verdict: 'frozen', reasons: ['chat_moved'], effect: null };
const readMove = async () => (await db.sql('select confirmed_at is not null as is_confirmed from public.chat_moves'))[0];

test('until the new id is confirmed nothing is granted to the old one', async () => {
  const held = await ready();
  await freeze();
  expect(await authorize(db, held)).toEqual(FROZEN);
  expect(await db.sql('select 1 from public.effects where step_id = $1', [held.step.stepId])).toEqual([]);
});

test('what was granted before begins no further part', async () => {
  const { effectId } = await grant(db, (await approveTask(db)).taskId);
  await freeze();
  expect(await sendPart(db, effectId, 1)).toMatchObject({ isGo: false, code: 'chat_moved' });
});

test('other chats go on', async () => {
  await freezeChat(bot, { chatId: PLACES.admin, newChatId: NEW_ID });
  expect(await authorize(db, await ready())).toMatchObject({ verdict: 'go' });
});

test('it is told once, as one incident that nobody can wave away, and ends with the confirmation', async () => {
  expect(await freeze()).toEqual({ isNew: true });
  expect(await freeze()).toEqual({ isNew: false });
  expect(await db.sql('select kind, severity, occurrence_count, evidence from public.incidents')).toEqual([
    { kind: 'chat_moved', severity: 'critical', occurrence_count: 1, evidence: { chat_id: PLACES.signals, new_chat_id: NEW_ID } },
  ]);
  expect(await closeIncidents(worker)).toEqual({ closed: 0 });
  await confirmChats(bot, [NEW_ID]);
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'chat.confirm', object: `chat:${PLACES.signals}` });
  expect(await closeIncidents(worker)).toEqual({ closed: 1 });
});

test('only a start with the new id and without the old one confirms it', async () => {
  await freeze();
  for (const chats of [[], [PLACES.signals, PLACES.admin], [PLACES.signals, NEW_ID]]) {
    await confirmChats(bot, chats);
    expect(await readMove()).toEqual({ is_confirmed: false });
  }
  await confirmChats(bot, [PLACES.admin, NEW_ID]);
  expect(await readMove()).toEqual({ is_confirmed: true });
});

test('once it is confirmed, what was approved for the old id is refused; what waited is nudged to learn it', async () => {
  const held = await ready();
  await freeze();
  const { stepId } = held.step;
  await waitStep(worker, toHeld(held), { waitsFor: `chat:${PLACES.signals}`, delayMs: 60_000 });
  expect(await confirmChats(bot, [NEW_ID])).toEqual([expect.objectContaining({ job: 'step.run', id: stepId })]);
  expect(await authorize(db, await claim(db, stepId))).toMatchObject({ verdict: 'refused', reasons: ['chat_moved'] });
});

test('a move goes from one id to another one', async () => {
  await expect(freezeChat(bot, { chatId: PLACES.signals, newChatId: PLACES.signals })).rejects.toMatchObject({ code: 'input_invalid' });
});
