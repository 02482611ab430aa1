import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, openFleet, POST_GOAL } from '../support/fleet.ts';
import { listPublished, listReplies, textOf, until, waitForTask } from '../support/telling.ts';
import { expectAllDone, expectChainsIntact, expectEffectsOnce, expectInboxEmpty, expectOneMessageEach } from './support/fleet-counts.ts';
import { approveAsTheyCome, findHolder, runOutLeases, waitForEnd } from './support/fleet-work.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const GIVERS = [adam.id, bella.id, olivia.id, oscar.id];
const LONG = { timeoutMs: 30_000 };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'webhook' });
  await Promise.all([fleet.start('bot', 2), fleet.start('worker', 2), fleet.start('web', 2)]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** All that the fleet has been given so far. */
const given = { reply: 0, post: 0 };

/** Everybody asks for something, and one of them for a post. */
function giveRound(): void {
  const poster = GIVERS[given.post % GIVERS.length];
  for (const giver of GIVERS) {
    const kind = giver === poster ? 'post' : 'reply';
    fleet.telegram.say(giver, giver, kind === 'post' ? `/task ${POST_GOAL} ${given.post}` : `/task Summarise item ${given.reply}`);
    given[kind] += 1;
  }
}

async function expectNothingDoubledOrLost(): Promise<void> {
  const count = given.reply + given.post;
  await waitForEnd(fleet, count);
  await expectAllDone(fleet, count);
  await expectEffectsOnce(fleet, given);
  await expectInboxEmpty(fleet);
  await expectOneMessageEach(fleet);
  expect(await expectChainsIntact(fleet)).toBe(count + 1);
  expect(listPublished(fleet)).toHaveLength(given.post);
}

test('a rolling deploy: each machine ends in time and in order while tasks flow, and a new one takes its place', async () => {
  const old = [...fleet.machines];
  const approving = approveAsTheyCome(fleet, { approver: bella.id, count: old.length });
  for (const machine of old) {
    giveRound();
    const { code, tookMs } = await fleet.end(machine, 'SIGTERM');
    expect({ role: machine.role, code }).toEqual({ role: machine.role, code: 0 });
    expect(tookMs).toBeLessThan(10_000);
    expect(machine.stderr()).toBe('');
    await fleet.start(machine.role);
  }
  await approving;
  await expectNothingDoubledOrLost();
}, 180_000);

test('a worker that is killed in the middle of a step: another one does it', async () => {
  fleet.model.script('findings', { kind: 'hang' });
  const before = fleet.model.count('findings');
  const asked = fleet.telegram.say(adam.id, adam.id, '/task Summarise the opening hours');
  given.reply += 1;
  const task = await waitForTask(fleet, asked);
  await until(() => fleet.model.count('findings') > before, LONG);
  const holder = await findHolder(fleet, task.taskId);
  await fleet.end(holder, 'SIGKILL');
  await runOutLeases(fleet, holder);
  await waitForEnd(fleet, given.reply + given.post);
  expect(
    await fleet.sql("select count(*)::int as count from public.audit_logs where chain = $1 and action = 'step.lose'", [task.taskId]),
  ).toEqual([{ count: 1 }]);
  await fleet.start('worker');
  await expectNothingDoubledOrLost();
}, 150_000);

test('a bot that is killed in the middle of two updates: each is answered once, the task exists once', async () => {
  const { telegram } = fleet;
  for (const chatId of [adam.id, bella.id]) telegram.failNext({ method: 'sendMessage', chatId, as: 'drop-before', times: 1_000 });
  const [bot] = fleet.list('bot');
  if (bot === undefined) throw new Error('there is no bot');
  // Only one of them is awake, so that it is known who has both in hand.
  const others = fleet.list('bot').filter((machine) => machine !== bot);
  for (const other of others) other.signal('SIGSTOP');
  const tasked = telegram.say(adam.id, adam.id, '/task Summarise the canteen rules');
  const asked = telegram.say(bella.id, bella.id, '/tasks');
  given.reply += 1;
  const isRefused = (chatId: number) =>
    telegram.calls('sendMessage').some(({ params, injected }) => injected && Number(params.chat_id) === chatId);
  await telegram.waitFor(() => isRefused(adam.id) && isRefused(bella.id), LONG);
  await fleet.end(bot, 'SIGKILL');
  telegram.clearFailures();
  for (const other of others) other.signal('SIGCONT');
  await runOutLeases(fleet, bot);
  await telegram.waitFor(() => listReplies(fleet, asked).length > 0 && listReplies(fleet, tasked).length > 1, LONG);
  await fleet.start('bot');
  await expectNothingDoubledOrLost();
  expect(listReplies(fleet, asked)).toHaveLength(1);
}, 150_000);

test('a worker that is killed while it says that a task is done: its message says so all the same', async () => {
  const { telegram } = fleet;
  telegram.failNext({ method: 'editMessageText', chatId: oscar.id, as: 'drop-before', times: 1_000 });
  const asked = telegram.say(oscar.id, oscar.id, '/task Summarise the holidays');
  given.reply += 1;
  const task = await waitForTask(fleet, asked);
  const saysDone = (params: Record<string, unknown>) =>
    String(params.text).includes('✅ done') && String(params.text).startsWith(task.taskId);
  await telegram.waitFor(() => telegram.calls('editMessageText').some(({ params }) => saysDone(params)), LONG);
  const workers = fleet.list('worker');
  await Promise.all(workers.map((worker) => fleet.end(worker, 'SIGKILL')));
  telegram.clearFailures();
  for (const worker of workers) await runOutLeases(fleet, worker);
  expect(textOf(telegram.message(oscar.id, task.messageId))).not.toContain('✅ done');
  await fleet.start('worker', 2);
  await expectNothingDoubledOrLost();
}, 180_000);

test('people in the admin group saw nothing twice', () => {
  const texts = fleet.telegram.history(CHATS.admin.id).map(textOf);
  expect(texts.filter((text) => text.includes('Did this post arrive?'))).toEqual([]);
  expect(texts.filter((text) => /\bT2 · task /.test(text))).toHaveLength(given.post);
});
