import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import {
  giveTask,
  listPublished,
  listReplies,
  pressCard,
  replyThroughCard,
  textOf,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../../support/telling.ts';

const { adam, bella } = PERSONAS;
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

/** No model is configured: the rehearsal answers. */
let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());

const countEffects = async (taskId: string): Promise<number> => {
  const [row] = await app.sql('select count(*)::int as count from public.effects where task_id = $1', [taskId]);
  return Number(row?.count);
};

describe('without a model', () => {
  test('a post with a picture passes at once, and goes out with it when it is approved', async () => {
    const goal = 'Publish a post with this picture about our new blue bike, it costs 300 euros';
    const task = await giveTask(app, adam.id, goal, { photo: { fileName: 'bike.png', bytes: PIXEL } });
    const card = await waitForCard(app, task);
    expect(card.text).toContain('Critic 9/9');
    expect(await waitForTaskText(app, task, '⏸ waits for approval')).not.toContain('revision');
    await pressCard(app, bella.id, card, 'Approve');
    await waitForDone(app, task);
    const post = app.telegram.lastMessage(CHATS.signals.id);
    expect(post?.photo).toBeDefined();
    expect(textOf(post)).toContain('Our new blue bike, it costs 300 euros');
    expect(textOf(post)).toMatch(/^Rehearsal, no AI:/);
    expect(textOf(post)).not.toMatch(/critic|comment/i);
  });

  test('masked values come back in the post', async () => {
    const goal = 'Publish a post: call Peter Miller at +49 151 23456789 or peter@example.com about the 300 euro bike';
    const task = await giveTask(app, adam.id, goal);
    await pressCard(app, bella.id, await waitForCard(app, task), 'Approve');
    await waitForDone(app, task);
    expect(listPublished(app).at(-1)).toContain('Call Peter Miller at +49 151 23456789 or peter@example.com about the 300 euro bike');
  });

  test('an attached text goes out as it is, without a word of earlier answers', async () => {
    const earlier = await giveTask(app, adam.id, 'Summarise: the text that was attached to the salary letter is for the board alone');
    await waitForDone(app, earlier);
    const words = 'The harbour ferry leaves at 9.\n\nIt comes back at 17:30, and it takes bikes.';
    const document = { fileName: 'post.md', bytes: Buffer.from(words) };
    const task = await giveTask(app, adam.id, 'Publish the attached text as a post', { document });
    const card = await waitForCard(app, task);
    expect(card.text).toContain('Critic 9/9');
    await pressCard(app, bella.id, card, 'Approve');
    await waitForDone(app, task);
    const post = listPublished(app).at(-1);
    expect(post).toContain(`${words}\n\nSources: post.md`);
    expect(post).not.toMatch(/salary|board/);
  });

  test('a file that is no text is said to be none', async () => {
    const document = { fileName: 'notes.txt', bytes: Buffer.from([0xff, 0xfe, 0x00, 0x80, 0xc3]) };
    const task = await giveTask(app, adam.id, 'Summarise the attached file', { document });
    await waitForDone(app, task);
    const [answer] = listReplies(app, task.request)
      .map(textOf)
      .filter((text) => text.startsWith('Rehearsal'));
    expect(answer).toContain('(Not readable as text: notes.txt.)');
    expect(answer).not.toMatch(/salary|ferry|bike/);
  });

  test.each([
    ['with further numbers', '9 to 5 from Monday, and 10 to 2 on Saturdays'],
    ['about something else', 'The summer party begins at 7 in the garden behind the house. Everybody may bring guests and salads along.'],
  ])('what an approver writes instead, %s, can be approved', async (_name, text) => {
    const task = await giveTask(app, adam.id, 'Publish a post about our new opening hours: 9 to 5 from Monday');
    const card = await waitForCard(app, task);
    await replyThroughCard(app, bella.id, card, { label: 'Edit', text });
    const edited = await waitForCard(app, task, { after: card.reference });
    expect(edited.text).toContain('Critic 9/9');
    await pressCard(app, bella.id, edited, 'Approve');
    await waitForDone(app, task);
    expect(listPublished(app).at(-1)).toBe(text);
  });

  test('a deceiving text stays out, also when an approver writes it', async () => {
    const task = await giveTask(app, adam.id, 'Publish a post about our new office');
    const card = await waitForCard(app, task);
    await replyThroughCard(app, bella.id, card, { label: 'Edit', text: 'Our new office brings guaranteed profit.' });
    const edited = await waitForCard(app, task, { after: card.reference });
    expect(edited.text).toContain('RED FLAG: promise of profit');
    expect(edited.labels).not.toContain('✅ Approve');
  });

  test.each([
    ['Pay 20 USDT to Max', 'no payment service is connected, so payments are refused'],
    ['Buy 1 lot of XAUUSD at 2400', 'no broker is connected, so trades are refused'],
    ['Withdraw 100 USDT', 'no payment service is connected, so withdrawals are refused'],
  ])('“%s” is refused when it is planned: nothing can carry it out', async (goal, reason) => {
    const task = await giveTask(app, adam.id, goal);
    const shown = await waitForTaskText(app, task, '❌ failed');
    expect(shown).toContain(`The plan cannot be carried out here: ${reason}`);
    expect(await countEffects(task.taskId)).toBe(0);
  });

  test('a question about money is answered', async () => {
    await waitForDone(app, await giveTask(app, adam.id, 'How much did we pay Max this week?'));
  });
});
