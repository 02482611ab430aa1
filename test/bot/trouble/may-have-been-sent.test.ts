import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import {
  ask,
  type GivenTask,
  giveTask,
  listPublished,
  pressCard,
  textOf,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../../support/telling.ts';
import { POSTS_IN_T3 } from './policies.ts';

const { olivia, oscar, adam, bella, rita, sam } = PERSONAS;

/** The one message of a doubt in the admin group, as it is now. */
function waitForDoubt(app: TestApp, task: GivenTask, says = 'Did this post arrive?'): Promise<Message> {
  return app.telegram.waitFor(
    (telegram) =>
      telegram.history(CHATS.admin.id).findLast((message) => textOf(message).includes(task.taskId) && textOf(message).includes(says)),
    { timeoutMs: 15_000, what: `the doubt card of ${task.taskId} to say ${says}` },
  );
}

const press = (app: TestApp, personaId: number, card: Message, label: string) =>
  app.telegram.press(personaId, CHATS.admin.id, card.message_id, label, { timeoutMs: 15_000 });

const countCopies = (app: TestApp) => app.telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id).length;

describe('a post whose answer never came', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  async function publishInDoubt(goal: string): Promise<{ task: GivenTask; doubt: Message }> {
    const task = await giveTask(app, adam.id, goal);
    const card = await waitForCard(app, task);
    app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: 'drop-after' });
    await pressCard(app, bella.id, card, 'Approve');
    return { task, doubt: await waitForDoubt(app, task) };
  }

  test('"It happened": the task ends well and nothing is sent again; who may not answer changes nothing', async () => {
    const { task, doubt } = await publishInDoubt('Publish a post about the opening hours');
    expect(textOf(doubt)).toContain('T2 post to AGS Signals');
    expect(textOf(doubt)).toContain('Part 1 of 1: sent');
    expect(doubt.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).toEqual(['✅ It happened', '🔁 Send again', '✖️ Cancel']);
    await waitForTaskText(app, task, 'may have been sent; people are asked');
    expect(await press(app, rita.id, doubt, 'Send again')).toMatchObject({
      showAlert: true,
      text: expect.stringContaining('no role that may answer'),
    });
    expect(await press(app, adam.id, doubt, 'It happened')).toMatchObject({ text: 'Noted: it happened. The task goes on.' });
    await waitForDone(app, task);
    expect(textOf(await waitForDoubt(app, task, 'Settled'))).toContain('Settled: it happened');
    expect(countCopies(app)).toBe(1);
    expect(listPublished(app)).toHaveLength(1);
  });

  test('"Send again": it goes out once more, and only then', async () => {
    const { task, doubt } = await publishInDoubt('Publish a post about the holidays');
    expect(countCopies(app)).toBe(2);
    const answers = await Promise.all([press(app, olivia.id, doubt, 'Send again'), press(app, olivia.id, doubt, 'Send again')]);
    expect(answers.map(({ text }) => text).sort()).toEqual([
      'Noted: it is sent again.',
      expect.stringContaining('This was already answered'),
    ]);
    await waitForDone(app, task);
    expect(countCopies(app)).toBe(3);
    // The sandbox carried out the call whose answer was lost: now it stands there twice, as a person decided.
    expect(listPublished(app)).toHaveLength(3);
    expect(
      await app.sql(
        'select status, attempt from public.effect_attempts where effect_id in (select effect_id from public.effects where task_id = $1) order by attempt',
        [task.taskId],
      ),
    ).toMatchObject([{ status: 'void' }, { status: 'done' }]);
  });

  test('"Cancel": the task ends, nothing is sent again, and a later press is told so', async () => {
    const { task, doubt } = await publishInDoubt('Publish a post about the new office');
    expect(await press(app, bella.id, doubt, 'Cancel')).toMatchObject({ text: 'Noted: nothing more is sent, the task ends.' });
    await waitForTaskText(app, task, 'cancelled');
    expect(countCopies(app)).toBe(4);
    const data = doubt.reply_markup?.inline_keyboard.flat()[1]?.callback_data ?? '';
    const late = await app.telegram.pressRaw(olivia.id, CHATS.admin.id, doubt.message_id, data).answered;
    expect(late).toMatchObject({ showAlert: true, text: expect.stringContaining('already answered') });
    expect(countCopies(app)).toBe(4);
  });

  test('while stopped nothing is sent again; a stranger’s forged press is worth nothing', async () => {
    const { task, doubt } = await publishInDoubt('Publish a post about the parking');
    const stopped = textOf(await ask(app, adam.id, '/stop'));
    expect(stopped).toContain('May still land');
    expect(stopped).toContain(task.taskId);
    expect(await press(app, olivia.id, doubt, 'Send again')).toMatchObject({ showAlert: true, text: expect.stringContaining('stopped') });
    expect(() => app.telegram.pressRaw(sam.id, CHATS.admin.id, doubt.message_id, 'd:AAAAAAAAAAAAAAAAAAAAAA:a')).toThrow();
    await ask(app, adam.id, '/resume');
    await ask(app, olivia.id, '/resume');
    expect(await press(app, olivia.id, doubt, 'It happened')).toMatchObject({ text: expect.stringContaining('it happened') });
    await waitForDone(app, task);
    expect(countCopies(app)).toBe(5);
  });
});

describe('on T3', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ policy: POSTS_IN_T3 });
  });
  afterAll(() => app.close());

  test('"Send again" needs two people', async () => {
    const task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
    const card = await waitForCard(app, task);
    expect(await pressCard(app, bella.id, card, 'Approve')).toContain('Counted as operator. Still waiting: owner');
    app.telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: 'drop-before' });
    expect(await pressCard(app, olivia.id, card, 'Approve')).toContain('Approved: it goes out now');
    const doubt = await waitForDoubt(app, task);
    expect(textOf(doubt)).toContain('T3: Send again needs an operator and an owner, as the approval did.');
    expect(await press(app, olivia.id, doubt, 'Send again')).toMatchObject({ text: 'Noted. A second person has to press Send again too.' });
    expect(await press(app, olivia.id, doubt, 'Send again')).toMatchObject({
      showAlert: true,
      text: expect.stringContaining('already asked'),
    });
    expect(textOf(await waitForDoubt(app, task, 'Olivia asks to send again'))).toContain('A second person has to press it too');
    expect(listPublished(app)).toHaveLength(0);
    expect(await press(app, oscar.id, doubt, 'Send again')).toMatchObject({ text: 'Noted: it is sent again.' });
    await waitForDone(app, task);
    expect(textOf(await waitForDoubt(app, task, 'Settled: it was sent a second time'))).toMatch(/by the word of Olivia and Oscar, /);
    expect(listPublished(app)).toHaveLength(1);
    expect(countCopies(app)).toBe(2);
  });
});
