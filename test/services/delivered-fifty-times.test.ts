import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, openFleet, POST_GOAL } from '../support/fleet.ts';
import { giveTask, listPublished, until, waitForCard } from '../support/telling.ts';

const { adam, bella } = PERSONAS;
const TIMES = 50;
const LONG = { timeoutMs: 30_000 };
const SECRET_HEADER = 'X-Telegram-Bot-Api-Secret-Token';

let fleet: Fleet;
let secret: string;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'webhook' });
  secret = (await fleet.variablesFor('web')).TELEGRAM_WEBHOOK_SECRET ?? '';
  await Promise.all([fleet.start('bot', 2), fleet.start('worker'), fleet.start('web', 2)]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** The same update at once, over and over, to every web machine in turn; the different answers that came. */
async function deliver(update: { update_id: number } & Record<string, unknown>): Promise<string[]> {
  const webs = fleet.list('web');
  const answers = await Promise.all(
    Array.from({ length: TIMES }, async (_, index) => {
      const response = await fetch(`${webs[index % webs.length]?.url}/webhooks/telegram`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', [SECRET_HEADER]: secret },
        body: JSON.stringify(update),
      });
      return `${response.status} ${await response.text()}`;
    }),
  );
  return [...new Set(answers)];
}

const toUser = ({ id, firstName, username }: typeof adam | typeof bella) => ({ id, is_bot: false, first_name: firstName, username });
const countRows = async (text: string, values: unknown[]) =>
  Number((await fleet.sql(`select count(*)::int as count from ${text}`, values))[0]?.count);
const countHandled = (id: number) => countRows("public.inbox where external_id = $1 and status = 'processed'", [String(id)]);

test(`a /task that Telegram delivers ${TIMES} times at once: one row, one task, one message, the same answer`, async () => {
  const message = { message_id: 70_001, date: 1_764_000_000, chat: { id: adam.id, type: 'private', first_name: adam.firstName } };
  const text = '/task Summarise what was delivered fifty times';
  const entities = [{ type: 'bot_command', offset: 0, length: 5 }];
  const update = { update_id: 800_000_001, message: { ...message, from: toUser(adam), text, entities } };
  expect(await deliver(update)).toEqual(['200 ']);
  await until(async () => (await countHandled(update.update_id)) === 1, LONG);
  expect(await deliver(update)).toEqual(['200 ']);
  expect(await countRows('public.inbox where external_id = $1', [String(update.update_id)])).toBe(1);
  await until(async () => (await countRows("public.tasks where goal like '%fifty times%' and status = 'done'", [])) === 1, LONG);
  expect(await countRows("public.tasks where goal like '%fifty times%'", [])).toBe(1);
  expect(await countRows('public.effects', [])).toBe(1);
  const said = fleet.telegram.history(adam.id).filter((shown) => (shown.text ?? '').startsWith('T-'));
  expect(said).toHaveLength(1);
}, 120_000);

test(`a press that Telegram delivers ${TIMES} times at once: one approval, one post`, async () => {
  const task = await giveTask(fleet, adam.id, `${POST_GOAL} 1`);
  const card = await waitForCard(fleet, task);
  const message = fleet.telegram.message(CHATS.admin.id, card.messageId);
  const data = message?.reply_markup?.inline_keyboard.flat().find((button) => button.text.includes('Approve'))?.callback_data;
  const press = { id: '800000002', from: toUser(bella), message, chat_instance: '1', data };
  const update = { update_id: 800_000_002, callback_query: press };
  expect(await deliver(update)).toEqual(['200 ']);
  await until(() => listPublished(fleet).length > 0, LONG);
  await until(async () => (await countRows("public.tasks where task_id = $1 and status = 'done'", [task.taskId])) === 1, LONG);
  expect(await deliver(update)).toEqual(['200 ']);
  expect(await countRows('public.inbox where external_id = $1', [String(update.update_id)])).toBe(1);
  expect(await countRows('public.approvals where task_id = $1', [task.taskId])).toBe(1);
  expect(await countRows('public.effects where task_id = $1', [task.taskId])).toBe(1);
  expect(listPublished(fleet)).toHaveLength(1);
}, 120_000);
