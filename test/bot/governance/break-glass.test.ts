import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, giveTask, listPublished, pressCard, readAnswer, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';
import { proposeByCommand, waitForChangeCard } from './changes.ts';

const { olivia, oscar, adam, bella, rita } = PERSONAS;
const GOAL = 'Publish a post: the office moves to the harbour on Friday';

let app: TestApp;
beforeAll(async () => {
  const yaml = await readFile(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');
  const policy = yaml.replace('T2: ["PUBLISH", "SOCIAL_POST"]', 'T2: ["SOCIAL_POST"]').replace('T3: ["TRADE",', 'T3: ["PUBLISH", "TRADE",');
  app = await startTestApp({ policy });
});
afterAll(() => app?.close());

const alerts = () => app.telegram.history(CHATS.alerts.id);
const toldIn = (chatId: number, words: string | RegExp) =>
  until(
    () =>
      app.telegram
        .history(chatId)
        .find((message) => (typeof words === 'string' ? textOf(message).includes(words) : words.test(textOf(message)))),
    { what: `${chatId} to be told ${words}`, timeoutMs: 40_000 },
  );

async function askGlass(persona: number, by: number = adam.id) {
  const task = await giveTask(app, by, GOAL);
  const card = await waitForCard(app, task);
  const { reference, answer } = await proposeByCommand(app, persona, `/breakglass ${task.taskId} nobody else can be reached`);
  return { task, card, reference, answer };
}

test('an owner and a reviewer let one effect out: announced in both chats, shown everywhere, reviewed by another owner', async () => {
  const { task, card, reference, answer } = await askGlass(olivia.id);
  expect(answer).toContain('A second person with any role has to press Confirm');
  const glass = await waitForChangeCard(app, reference, 'Break-glass?');
  expect(glass.labels).toEqual(['🚨 Confirm', '✋ Veto']);
  expect(glass.text).toContain('“nobody else can be reached”');
  expect(glass.text).toContain(`Lets out ${card.reference} (PUBLISH, T3)`);
  expect(glass.text).toContain('Waives: operator: waiting; owner: waiting');
  const announced = await toldIn(CHATS.alerts.id, reference);
  expect(announced.reply_markup).toBeUndefined();
  expect(await pressCard(app, olivia.id, glass, 'Confirm')).toContain('Your word on this counts already');
  const before = listPublished(app).length;
  expect(await pressCard(app, rita.id, glass, 'Confirm')).toContain('open for 15 minutes');
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(before + 1);
  for (const chat of [CHATS.admin.id, CHATS.alerts.id]) await toldIn(chat, /Opened .* by Olivia and Rita/);
  expect(textOf(await ask(app, adam.id, `/status ${task.taskId}`))).toContain(
    `Break-glass ${reference} by Olivia (“nobody else can be reached”): used`,
  );
  expect(readAnswer(app, await ask(app, adam.id, `/why ${task.taskId}`))).toContain(`opened the break-glass ${reference}`);
  expect(textOf(await ask(app, adam.id, '/status'))).toMatch(
    new RegExp(`Break-glass: ${reference} for ${task.taskId} is used, review due by`),
  );
  const next = await askGlass(oscar.id);
  expect(next.answer).toContain('has not been reviewed yet');
  expect(textOf(await ask(app, olivia.id, `/breakglass review ${task.taskId} it was right`))).toContain('another owner reviews it');
  expect(textOf(await ask(app, oscar.id, `/breakglass review ${task.taskId} it was right`))).toContain('reviewed. T3 goes on');
  await toldIn(CHATS.alerts.id, 'Reviewed by Oscar: “it was right”');
  expect(textOf(await ask(app, adam.id, '/status'))).not.toContain('Break-glass');
});

test('anybody with a role vetoes it with one press, and nothing goes out', async () => {
  const { task, reference } = await askGlass(oscar.id);
  const glass = await waitForChangeCard(app, reference, 'Break-glass?');
  expect(await pressCard(app, bella.id, glass, 'Veto')).toContain('Vetoed: nothing goes out');
  expect((await waitForChangeCard(app, reference, 'vetoed')).labels).toEqual([]);
  await toldIn(CHATS.alerts.id, 'Vetoed by Bella');
  expect(await app.sql('select 1 from public.effects where task_id = $1', [task.taskId])).toEqual([]);
  expect(await waitForCard(app, task)).toMatchObject({ labels: expect.arrayContaining(['✅ Approve']) });
});

test('who is no owner, and whoever gives no reason, reads why nothing was opened', async () => {
  const task = await giveTask(app, adam.id, GOAL);
  await waitForCard(app, task);
  expect(textOf(await ask(app, bella.id, `/breakglass ${task.taskId} now`))).toContain('You may not use /breakglass');
  expect(textOf(await ask(app, olivia.id, `/breakglass ${task.taskId}`))).toContain('a break-glass needs a reason');
  expect(textOf(await ask(app, olivia.id, '/breakglass soon'))).toContain('as a task’s id, and it is none');
  expect(alerts().some((message) => textOf(message).includes(task.taskId))).toBe(false);
});
