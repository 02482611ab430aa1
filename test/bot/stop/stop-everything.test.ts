import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import {
  ask,
  findCard,
  type GivenTask,
  giveTask,
  listPublished,
  pressCard,
  type ShownCard,
  textOf,
  until,
  waitForCard,
  waitForDone,
} from '../../support/telling.ts';

const { olivia, adam, bella, rita, max, sam } = PERSONAS;

let app: TestApp;
let pending: GivenTask;
let card: ShownCard;
let halfApproved: GivenTask;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const loadSwitch = async () =>
  (await app.sql('select generation::int as generation, scope, stopped_by, stopped_at from public.stop_switch'))[0];
const count = async (text: string) => Number((await app.sql(`select count(*)::int as count from ${text}`))[0]?.count);

test('nobody without a role can stop, and a stranger is not told more than once a day', async () => {
  const refused = await ask(app, sam.id, '/stop');
  expect(textOf(refused)).toContain('nobody has given you a role');
  app.telegram.say(max.id, max.id, '/stop now');
  await app.telegram.waitForMessage(max.id, 'nobody has given you a role');
  app.telegram.say(sam.id, sam.id, '/stop again');
  await until(
    async () => (await count("public.inbox where status in ('pending', 'processing')")) === 0 && app.telegram.pendingUpdates().length === 0,
  );
  expect(app.telegram.history(sam.id).filter((message) => message.from?.is_bot)).toHaveLength(1);
  expect(await loadSwitch()).toMatchObject({ generation: 1, stopped_at: null });
  expect(await count("public.audit_logs where action = 'stop.refuse'")).toBe(3);
});

test('a reviewer stops from a private chat: the answer and the admin group say what holds, pinned', async () => {
  pending = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  card = await waitForCard(app, pending);
  halfApproved = await giveTask(app, adam.id, 'Publish a post about the holidays');
  await waitForCard(app, halfApproved);
  const answer = textOf(await ask(app, rita.id, '/stop the prices look wrong'));
  expect(answer).toMatch(/^🛑 STOPPED at \d\d:\d\d UTC by Rita\n/);
  expect(answer).toContain('the prices look wrong');
  expect(answer).toContain('1 worker acknowledged: all of them.');
  expect(answer).toContain('Nothing was in flight.');
  expect(answer).toContain('2 tasks wait for /resume.');
  expect(answer).toContain('two people, one of them an owner (4 other people could)');
  const notice = await app.telegram.waitForMessage(CHATS.admin.id, /Nothing was in flight/);
  await app.telegram.waitFor((telegram) => telegram.pinned(CHATS.admin.id).includes(notice.message_id));
});

test('an open card says by itself that it is stopped', async () => {
  const drawn = await app.telegram.waitFor(({ message }) => {
    const text = textOf(message(CHATS.admin.id, card.messageId));
    return /stopped/i.test(text) && text;
  });
  expect(drawn).toContain(card.reference);
});

test('while stopped: presses and /approve are answered "stopped" and change nothing', async () => {
  expect(await pressCard(app, bella.id, card, 'Approve')).toMatch(/^STOPPED by Rita since \d\d:\d\d/);
  expect(textOf(await ask(app, olivia.id, `/approve ${card.reference} yes`))).toMatch(/STOPPED by Rita/);
  expect(textOf(await ask(app, olivia.id, `/approve ${card.reference} no not like this`))).toMatch(/STOPPED by Rita/);
  expect(await pressCard(app, bella.id, card, 'Reject')).toMatch(/^STOPPED by Rita/);
  expect(await pressCard(app, bella.id, card, 'Edit')).toMatch(/^STOPPED by Rita/);
  expect(await count('public.approvals')).toBe(0);
  expect(listPublished(app)).toEqual([]);
});

test('while stopped: intake goes on, a T1 task goes on to its end, a T2 task waits without a card', async () => {
  const answered = await giveTask(app, adam.id, 'Summarise the opening hours');
  await waitForDone(app, answered);
  const waiting = await giveTask(app, bella.id, 'Publish a post about the new office');
  await until(
    async () => (await app.sql("select 1 from public.tasks where task_id = $1 and risk_tier = 'T2'", [waiting.taskId])).length > 0,
  );
  // Whatever could still be under way for it has been looked at: a later T1 task is done.
  await waitForDone(app, await giveTask(app, adam.id, 'Summarise the holidays'));
  expect(findCard(app.telegram, waiting)).toBeNull();
  expect(await count(`public.approval_requests where task_id = '${waiting.taskId}'`)).toBe(0);
  expect(textOf(app.telegram.message(waiting.chatId, waiting.messageId))).toMatch(/stopped/i);
});

test('the stop outlives a restart', async () => {
  await app.restart();
  expect(await loadSwitch()).toMatchObject({ scope: 'effects', stopped_by: `tg:${rita.id}` });
  expect(textOf(await ask(app, adam.id, '/status'))).toMatch(/^🛑 STOPPED \(T2 and T3 effects\) since .* by Rita/);
  expect(await pressCard(app, bella.id, card, 'Approve')).toMatch(/^STOPPED by Rita/);
});

test('/stop all in the group, by an operator, holds T1 too; a second stop keeps the first one’s name', async () => {
  const answer = textOf(await ask(app, adam.id, '/stop all', { chatId: CHATS.admin.id }));
  expect(answer).toMatch(/^🛑 STOPPED at .* by Rita \(and again by Adam now\)\nNo task goes on, on any tier/);
  const held = await giveTask(app, adam.id, 'Summarise the office plan');
  expect(await count(`public.task_steps where task_id = '${held.taskId}' and status <> 'ready'`)).toBe(0);
  expect((await loadSwitch())?.scope).toBe('all');
});
