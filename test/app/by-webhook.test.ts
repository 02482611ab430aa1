import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFreePort } from '../../scripts/free-port.ts';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { openWorld, type Program, startProgram, type World } from '../support/program.ts';
import { ask, giveTask, listPublished, listReplies, pressCard, textOf, waitForCard, waitForDone } from '../support/telling.ts';

const { adam, bella } = PERSONAS;
const SECRET = 'webhook-secret_of-the-story-0123456789';
const PUBLISH_PLAN = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Give it its form.' },
];

let model: FakeModel;
let world: World;
let program: Program & { url: string };
beforeAll(async () => {
  const port = await findFreePort();
  model = await startFakeModel();
  world = await openWorld({
    OPENAI_BASE_URL: model.baseUrl,
    PORT: `${port}`,
    TELEGRAM_WEBHOOK_URL: `http://127.0.0.1:${port}`,
    TELEGRAM_WEBHOOK_SECRET: SECRET,
  });
  program = await world.start();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await model.close();
});

const listCards = (taskId: string) => world.telegram.history(CHATS.admin.id).filter((message) => textOf(message).includes(taskId));

test('a task is given, approved and posted, and nobody polls', async () => {
  model.setPlan(PUBLISH_PLAN);
  const task = await giveTask(world, adam.id, 'Publish a post about the new office');
  const card = await waitForCard(world, task);
  await pressCard(world, bella.id, card, 'Approve');
  await waitForDone(world, task);
  expect(listPublished(world)).toHaveLength(1);
  expect(world.telegram.calls('getUpdates')).toEqual([]);
  expect(world.telegram.calls('setWebhook').map(({ params }) => params.url)).toEqual([`${program.url}/webhooks/telegram`]);
  const ready = await fetch(`${program.url}/ready`);
  expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', checks: { store: 'ok', queue: 'ok', telegram: 'ok' } }]);
  expect(program.lines.join('')).not.toContain(SECRET);
}, 60_000);

test('a stranger who knows the address and not the secret is nobody', async () => {
  const forged = {
    update_id: 999_999,
    message: { message_id: 1, date: 1, chat: { id: adam.id, type: 'private' }, from: { id: adam.id, first_name: 'Adam' }, text: '/stop' },
  };
  for (const secret of ['', 'guessed', SECRET.toUpperCase()]) {
    const headers = secret === '' ? {} : { 'x-telegram-bot-api-secret-token': secret };
    const response = await fetch(`${program.url}/webhooks/telegram`, { method: 'POST', headers, body: JSON.stringify(forged) });
    expect(response.status).toBe(401);
  }
  // What was said after it is answered, and by then nothing is stopped.
  expect(textOf(await ask(world, adam.id, '/status'))).toContain('Running');
}, 60_000);

test('what is written and pressed while the program is down comes when it is up again; the task goes on', async () => {
  const task = await giveTask(world, adam.id, 'Publish a post about the summer');
  const card = await waitForCard(world, task);
  const before = listPublished(world).length;
  const cards = listCards(task.taskId).length;
  program.signal('SIGTERM');
  expect(await program.ended).toBe(0);
  const asked = world.telegram.say(adam.id, adam.id, '/tasks');
  const press = world.telegram.pressRaw(bella.id, card.chatId, card.messageId, findData(card.messageId, 'Approve'));
  expect(world.telegram.pendingUpdates()).toHaveLength(2);
  // The registration stays for whoever comes next.
  expect(world.telegram.calls('deleteWebhook')).toEqual([]);

  program = await world.start();
  await press.answered;
  await waitForDone(world, task);
  await world.telegram.waitFor(() => listReplies(world, asked).length === 1 && world.telegram.pendingUpdates().length === 0, {
    timeoutMs: 15_000,
  });
  expect(listPublished(world)).toHaveLength(before + 1);
  expect(listCards(task.taskId)).toHaveLength(cards);
  expect(textOf(await ask(world, adam.id, '/status'))).toContain('Running');
}, 90_000);

test('killed with updates on their way: each is handled once', async () => {
  program.signal('SIGKILL');
  await program.ended;
  const said = Array.from({ length: 5 }, () => world.telegram.say(bella.id, bella.id, '/tasks'));
  program = await world.start();
  await world.telegram.waitFor(() => said.every((message) => listReplies(world, message).length > 0), { timeoutMs: 20_000 });
  expect(said.map((message) => listReplies(world, message).length)).toEqual([1, 1, 1, 1, 1]);
}, 60_000);

test('a webhook that Telegram refuses ends the start with a sentence that names the variable', async () => {
  const refused = startProgram({
    ...world.variables,
    PORT: '0',
    DATA_DIR: join(world.dataDir, 'other'),
    TELEGRAM_WEBHOOK_URL: 'https://ags.example.com',
  });
  world.telegram.failNext({
    method: 'setWebhook',
    as: { status: 400, description: 'Bad Request: bad webhook: Failed to resolve host: Name or service not known' },
  });
  expect(await refused.ended).toBe(78);
  expect(refused.stderr()).toMatch(/TELEGRAM_WEBHOOK_URL: Telegram refuses it \(.*Failed to resolve host/);
  expect(refused.stderr()).not.toContain(SECRET);
}, 60_000);

function findData(messageId: number, label: string): string {
  const buttons = world.telegram.message(CHATS.admin.id, messageId)?.reply_markup?.inline_keyboard.flat() ?? [];
  const button = buttons.find(({ text }) => text.includes(label));
  if (button?.callback_data === undefined) throw new Error(`the card has no button ${label}`);
  return button.callback_data;
}
