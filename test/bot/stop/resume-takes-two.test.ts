import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import {
  ask,
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

const { olivia, oscar, adam, bella, rita } = PERSONAS;
/** Two people for every post, so that one decision can stand from before a stop. */
const TWO_FOR_A_POST = `version: 1
limits: { trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 3 }, payments: { max_single_tx_usdt: 500, cool_down_minutes: 30 } }
risk_tiers: { T0: [READ, RESEARCH, RETRIEVE], T1: [WRITE_DB, SUMMARIZE, DRAFT_REPLY], T2: [PUBLISH, SOCIAL_POST], T3: [TRADE, PAYMENT, WITHDRAWAL] }
approvals:
  T2: ["critic>=0.8", "operator_approval", "owner_approval"]
  T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]
agents: { planner: "planner:v2", researcher: "researcher:v3", retriever: "retriever:v1", exec: "executor:v2", communicator: "telegram-comms:v3", critic: "critic:guard-v4" }
`;

let app: TestApp;
let task: GivenTask;
let card: ShownCard;
beforeAll(async () => {
  app = await startTestApp({ policy: TWO_FOR_A_POST });
  task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  card = await waitForCard(app, task);
});
afterAll(() => app.close());

const isStopped = async () => (await app.sql('select stopped_at from public.stop_switch'))[0]?.stopped_at !== null;
const findResumeCard = () => app.telegram.waitForMessage(CHATS.admin.id, 'Resume?');

test('there is nothing to resume when nothing is stopped', async () => {
  expect(textOf(await ask(app, olivia.id, '/resume'))).toBe('Nothing is stopped, so there is nothing to resume.');
});

test('a reviewer, one person twice and two operators cannot lift a stop', async () => {
  expect(await pressCard(app, bella.id, card, 'Approve')).toContain('Counted as operator. Still waiting: owner');
  await ask(app, bella.id, '/stop');
  expect(textOf(await ask(app, rita.id, '/resume'))).toContain('You may not use /resume');
  expect(textOf(await ask(app, adam.id, '/resume'))).toContain('A second person (owner) has to confirm within an hour');
  const { message_id: messageId } = await findResumeCard();
  expect(textOf(await ask(app, adam.id, '/resume'))).toContain('You have already asked');
  expect((await app.telegram.press(adam.id, CHATS.admin.id, messageId, 'Confirm')).text).toContain('You have already asked');
  expect((await app.telegram.press(bella.id, CHATS.admin.id, messageId, 'Confirm')).text).toContain('One of the two has to be an owner');
  expect((await app.telegram.press(rita.id, CHATS.admin.id, messageId, 'Confirm')).text).toContain('Only operators and owners can resume');
  expect(textOf(await ask(app, bella.id, '/resume'))).toContain('One of the two has to be an owner');
  expect(await isStopped()).toBe(true);
});

test('an owner confirms by the button: what waited goes on, and the decision from before the stop stands', async () => {
  const waiting = await giveTask(app, adam.id, 'Publish a post about the new office');
  const { message_id: messageId } = await findResumeCard();
  expect(await app.telegram.press(olivia.id, CHATS.admin.id, messageId, 'Confirm')).toMatchObject({
    text: 'Resumed. What waited goes on.',
  });
  expect(await isStopped()).toBe(false);
  await app.telegram.waitFor((telegram) => /Resumed by .*Adam.* and .*Olivia/.test(textOf(telegram.message(CHATS.admin.id, messageId))));
  expect((await app.telegram.press(olivia.id, CHATS.admin.id, card.messageId, 'Approve')).text).toContain('Approved: it goes out now');
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(1);
  // The one that was given meanwhile has come as far as its card by itself.
  await waitForCard(app, waiting);
});

test('by command, an operator after an owner; who asked first an hour ago has to ask again', async () => {
  await ask(app, adam.id, '/stop');
  expect(textOf(await ask(app, oscar.id, '/resume'))).toContain('A second person (operator or owner) has to confirm');
  await app.sql("update public.stop_switch set resume_asked_at = resume_asked_at - interval '61 minutes'");
  expect(textOf(await ask(app, bella.id, '/resume'))).toContain('A second person (owner) has to confirm');
  expect(await isStopped()).toBe(true);
  expect(textOf(await ask(app, oscar.id, '/resume', { chatId: CHATS.admin.id }))).toMatch(/^▶️ RESUMED by Bella and Oscar/);
  expect(await isStopped()).toBe(false);
});

test('the button of an earlier stop lifts nothing', async () => {
  await ask(app, adam.id, '/stop');
  await ask(app, adam.id, '/resume');
  const earlier = await app.telegram.waitFor((telegram) =>
    telegram.history(CHATS.admin.id).findLast((message) => textOf(message).includes('Resume?')),
  );
  const data = earlier.reply_markup?.inline_keyboard.flat().find(({ text }) => text.includes('Confirm'))?.callback_data ?? '';
  await ask(app, bella.id, '/stop again');
  const answer = await app.telegram.pressRaw(olivia.id, CHATS.admin.id, earlier.message_id, data).answered;
  expect(answer).toMatchObject({ text: expect.stringContaining('This button belongs to an earlier stop'), showAlert: true });
  const over = await app.telegram.waitFor(({ message }) => {
    const card = message(CHATS.admin.id, earlier.message_id);
    return textOf(card).includes('Over: it was stopped again') && card;
  });
  expect(over.reply_markup?.inline_keyboard ?? []).toEqual([]);
  expect(await isStopped()).toBe(true);
});

test('an approval that expired during the stop is not used after it', async () => {
  const [request] = await app.sql(
    "select request_id, reference, task_id from public.approval_requests where status = 'pending' order by created_at desc limit 1",
  );
  await app.sql(
    "update public.approval_requests set expires_at = now() - interval '1 minute', shown_at = now() - interval '1 day' where request_id = $1",
    [request?.request_id ?? null],
  );
  await ask(app, olivia.id, '/resume');
  await ask(app, adam.id, '/resume');
  expect(await isStopped()).toBe(false);
  await until(
    async () =>
      (await app.sql('select 1 from public.tasks where task_id = $1 and status = $2', [request?.task_id ?? null, 'expired'])).length > 0,
  );
  expect(listPublished(app)).toHaveLength(1);
});
