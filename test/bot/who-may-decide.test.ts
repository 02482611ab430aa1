import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHANNEL_BOT, CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import {
  ask,
  type GivenTask,
  giveTask,
  pressCard,
  type ShownCard,
  textOf,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../support/telling.ts';

const { adam, bella, olivia, oscar, rita, max, sam } = PERSONAS;
const ADMIN = CHATS.admin.id;

let app: TestApp;
let task: GivenTask;
let card: ShownCard;
beforeAll(async () => {
  // No AI takes part: the rehearsal plans and writes.
  app = await startTestApp();
});
afterAll(() => app?.close());
beforeEach(async () => {
  // Nobody's decision changes this one, so that the next story finds it as it was.
  if (card !== undefined && (await countDecisions()) === 0) return;
  task = await giveTask(app, adam.id, 'Publish a post: the office moves to the harbour on Friday');
  card = await waitForCard(app, task);
});

async function countDecisions(): Promise<number> {
  const [row] = await app.sql('select count(*)::int as count from public.approvals where task_id = $1', [task.taskId]);
  return Number(row?.count);
}

/** Attempts that never got as far as a gate. */
async function countAttempts(actorId: number, what: string): Promise<number> {
  const sql =
    "select count(*)::int as count from public.audit_logs where chain = 'system' and action = 'gate.refuse' and actor = $1 and object = $2";
  const [row] = await app.sql(sql, [`tg:${actorId}`, what]);
  return Number(row?.count);
}

async function countRefusals(personaId: number, code: string): Promise<number> {
  const [row] = await app.sql(
    "select count(*)::int as count from public.audit_logs where action = 'approval.refuse' and actor = $1 and after_json ->> 'code' = $2",
    [`tg:${personaId}`, code],
  );
  return Number(row?.count);
}

const dataOf = ({ chatId, messageId }: ShownCard, label: string): string =>
  app.telegram
    .message(chatId, messageId)
    ?.reply_markup?.inline_keyboard.flat()
    .find(({ text }) => text.includes(label))?.callback_data ?? '';

/** Everything that was said before has been handled: a later message of the same chat is answered. */
const settle = (personaId: number, chatId: number = ADMIN) => ask(app, personaId, '/help', { chatId });

describe('a press', () => {
  test('twenty times at once counts once, and every one is answered', async () => {
    const data = dataOf(card, 'Approve');
    const presses = Array.from({ length: 20 }, () => app.telegram.pressRaw(bella.id, card.chatId, card.messageId, data));
    const answers = await Promise.all(presses.map(({ answered }) => answered));
    expect(answers.filter(({ text }) => text?.startsWith('Counted as operator'))).toHaveLength(1);
    expect(answers.filter(({ text }) => (text ?? '') === '')).toEqual([]);
    await waitForDone(app, task);
    expect(await countDecisions()).toBe(1);
    const posts = app.telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id);
    expect(posts).toHaveLength(1);
  });

  test.each([
    ['a reviewer', rita],
    ['a member', max],
    ['a stranger', sam],
  ])('by %s is answered and changes nothing', async (_, person) => {
    app.telegram.setMember(ADMIN, person.id, 'member');
    for (const label of ['Approve', 'Reject', 'Edit'])
      expect(await pressCard(app, person.id, card, label)).toContain('You hold no role that may decide this');
    expect(await countDecisions()).toBe(0);
    expect(await countRefusals(person.id, 'no_role')).toBe(3);
  });

  test('on Details is answered with no details for a stranger', async () => {
    app.telegram.setMember(ADMIN, sam.id, 'member');
    expect(await pressCard(app, sam.id, card, 'Details')).toContain('You hold no role');
    expect(app.telegram.history(ADMIN).some(({ document }) => document?.file_name === `${card.reference}.txt`)).toBe(false);
  });

  test('with data that was made up, on another message, or in another chat decides nothing', async () => {
    const { telegram } = app;
    const data = dataOf(card, 'Approve');
    const other = telegram.history(ADMIN).findLast(({ message_id: id, from }) => id !== card.messageId && from?.id === SANDBOX_BOT.id);
    const answerTo = async (chatId: number, messageId: number, pressed: string) =>
      (await telegram.pressRaw(bella.id, chatId, messageId, pressed).answered).text;
    for (const forged of ['approve', 'a:AAAAAAAAAAAAAAAAAAAAAA:y', `a:${card.reference}:y`, data.replace(/:y$/, ':z'), `${data}y`]) {
      expect(await answerTo(ADMIN, card.messageId, forged)).toContain('no longer valid');
    }
    expect(await answerTo(ADMIN, other?.message_id ?? 0, data)).toContain('does not belong to this message');
    expect(await countAttempts(bella.id, 'button')).toBe(4);
    const own = await ask(app, bella.id, '/help');
    expect(await answerTo(bella.id, own.message_id, data)).toContain('does not belong to this message');
    expect(await countDecisions()).toBe(0);
    expect(await countRefusals(bella.id, 'wrong_message')).toBe(2);
    expect(await countRefusals(bella.id, 'unknown_button')).toBeGreaterThan(0);
  });

  test('by an owner who is an anonymous admin counts by the real id', async () => {
    const before = app.telegram.say(oscar.id, ADMIN, `/approve ${card.reference} yes`, { asAnonymousAdmin: true });
    const answer = await app.telegram.waitForMessage(ADMIN, ({ reply_to_message: asked }) => asked?.message_id === before.message_id);
    expect(textOf(answer)).toContain('I cannot tell who you are');
    expect(await countDecisions()).toBe(0);
    expect(await pressCard(app, oscar.id, card, 'Approve')).toContain('Counted as operator');
    const [row] = await app.sql('select approver, role from public.approvals where task_id = $1', [task.taskId]);
    expect(row).toEqual({ approver: `tg:${oscar.id}`, role: 'operator' });
    await waitForDone(app, task);
  });

  test('on a card whose task is over is answered', async () => {
    const data = dataOf(card, 'Approve');
    await ask(app, adam.id, `/cancel ${task.taskId} no longer wanted`);
    await waitForTaskText(app, task, 'cancelled');
    const { answered } = app.telegram.pressRaw(bella.id, card.chatId, card.messageId, data);
    expect((await answered).text).toContain('has already ended (cancelled)');
    expect((await waitForCard(app, task, { says: 'Nothing left to decide' })).labels).toEqual([]);
    task = await giveTask(app, adam.id, 'Publish a post: the canteen opens at eight from now on');
    card = await waitForCard(app, task);
  });
});

describe('an /approve', () => {
  const command = () => `/approve ${card.reference} yes`;

  test('that was forwarded decides nothing', async () => {
    const said = app.telegram.say(rita.id, ADMIN, command());
    app.telegram.say(bella.id, bella.id, '', { forwardFrom: { chatId: ADMIN, messageId: said.message_id } });
    await app.telegram.waitForMessage(bella.id, 'That is a forwarded message');
    expect(await countDecisions()).toBe(0);
    expect(await countAttempts(bella.id, '/approve')).toBe(1);
  });

  test('that a message was edited into decides nothing', async () => {
    const said = app.telegram.say(bella.id, ADMIN, 'good morning');
    app.telegram.edit(bella.id, ADMIN, said.message_id, command());
    await settle(bella.id);
    expect(await countDecisions()).toBe(0);
  });

  test('by a channel, by way of a bot, or from a bot decides nothing', async () => {
    app.telegram.say(olivia.id, ADMIN, command(), { asChannel: CHATS.signals.id });
    app.telegram.say(bella.id, ADMIN, command(), { viaBot: 'helper_bot' });
    app.telegram.say(olivia.id, CHATS.signals.id, command());
    app.telegram.injectUpdate({
      message: {
        message_id: 900_001,
        date: Math.floor(Date.now() / 1000),
        chat: { id: ADMIN, type: 'supergroup', title: CHATS.admin.title },
        from: CHANNEL_BOT,
        text: command(),
        entities: [{ type: 'bot_command', offset: 0, length: 8 }],
      },
    });
    await settle(bella.id);
    expect(await countDecisions()).toBe(0);
  });

  test('by somebody without a role is refused', async () => {
    const before = await countAttempts(rita.id, '/approve');
    expect(textOf(await ask(app, rita.id, command()))).toContain('You may not use /approve');
    app.telegram.start(sam.id);
    await app.telegram.waitForMessage(sam.id, 'I do not know you');
    app.telegram.say(sam.id, sam.id, command());
    await settle(bella.id);
    expect(await countDecisions()).toBe(0);
    expect(await countAttempts(rita.id, '/approve')).toBe(before + 1);
    expect(await countAttempts(sam.id, '/approve')).toBe(1);
  });

  test('that reached the bot a quarter of an hour late decides nothing', async () => {
    app.telegram.injectUpdate({
      message: {
        message_id: 900_002,
        date: Math.floor(Date.now() / 1000) - 16 * 60,
        chat: { id: bella.id, type: 'private', first_name: 'Bella' },
        from: { id: bella.id, is_bot: false, first_name: 'Bella' },
        text: command(),
        entities: [{ type: 'bot_command', offset: 0, length: 8 }],
      },
    });
    await app.telegram.waitForMessage(bella.id, 'reached me late');
    expect(await countDecisions()).toBe(0);
  });
});

describe('the question after Reject', () => {
  test('is for the person who pressed: nobody else answers it', async () => {
    await pressCard(app, bella.id, card, 'Reject');
    const question = await app.telegram.waitForMessage(ADMIN, (message) => textOf(message).includes(`why do you reject ${card.reference}`));
    app.telegram.say(olivia.id, ADMIN, 'because I say so', { replyTo: question.message_id });
    app.telegram.say(oscar.id, ADMIN, 'because I am anonymous', { replyTo: question.message_id, asAnonymousAdmin: true });
    await settle(olivia.id);
    expect(await countDecisions()).toBe(0);
    expect(textOf(await ask(app, bella.id, '/cancel', { chatId: ADMIN, replyTo: question.message_id }))).toContain('Taken back');
    const late = await ask(app, bella.id, 'after all: no', { chatId: ADMIN, replyTo: question.message_id });
    expect(textOf(late)).toContain('This question is closed: it was answered or taken back.');
    expect(await countDecisions()).toBe(0);
  });
});
