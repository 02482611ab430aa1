import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, type Machine, openFleet } from '../support/fleet.ts';
import { until } from '../support/telling.ts';
import { expectAllDone, expectChainsIntact, expectEffectsOnce, expectInboxEmpty, expectOneMessageEach } from './support/fleet-counts.ts';
import { waitForEnd } from './support/fleet-work.ts';

const { adam, bella } = PERSONAS;
/** The lease of a poller that was killed, the question of the one that waits, and a busy machine. */
const TAKEOVER = { timeoutMs: 40_000 };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'polling' });
  await fleet.start('bot');
  await Promise.all([fleet.start('bot'), fleet.start('worker')]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

async function readReady({ url }: Machine): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${url}/ready`);
  return { status: response.status, body: await response.json() };
}

const isReady = async (machine: Machine) => (await readReady(machine)).status === 200;
const countStored = async () => Number((await fleet.sql('select count(*) as count from public.inbox'))[0]?.count);

function giveTasks(count: number): void {
  for (let index = 0; index < count; index += 1) {
    const giver = index % 2 === 0 ? adam.id : bella.id;
    fleet.telegram.say(giver, giver, `/task Summarise the notes on item ${index}`);
  }
}

test('of two bots one polls; the other says 503 and why; after a kill it takes over and no update is lost', async () => {
  const [first, second] = fleet.list('bot');
  if (first === undefined || second === undefined) throw new Error('there are not two bots');
  await until(() => isReady(first), TAKEOVER);
  expect(await readReady(second)).toEqual({
    status: 503,
    body: {
      status: 'not_ready',
      checks: { store: 'ok', queue: 'ok', telegram: 'Another process polls for this bot; waiting' },
    },
  });
  expect((await fetch(`${second.url}/health`)).status).toBe(200);

  giveTasks(6);
  await until(async () => (await countStored()) > 0);
  await fleet.end(first, 'SIGKILL');
  giveTasks(4);
  await until(() => isReady(second), TAKEOVER);
  giveTasks(4);
  // What the killed one had in hand is held for three minutes; nobody here has that time.
  await fleet.sql("update public.inbox set lease_expires_at = clock_timestamp() where status = 'processing' and worker like $1", [
    `%-${first.pid}-%`,
  ]);
  await waitForEnd(fleet, 14);
  await expectAllDone(fleet, 14);
  await expectEffectsOnce(fleet, { reply: 14, post: 0 });
  await expectInboxEmpty(fleet);
  await expectOneMessageEach(fleet);
  expect(await expectChainsIntact(fleet)).toBe(15);
}, 180_000);

test('a clean end hands the polling over at once, as in a deploy', async () => {
  const [last] = fleet.list('bot');
  const [next] = await fleet.start('bot');
  if (last === undefined || next === undefined) throw new Error('there are not two bots');
  expect((await readReady(next)).status).toBe(503);
  expect((await fleet.end(last, 'SIGTERM')).code).toBe(0);
  await until(() => isReady(next), TAKEOVER);
  giveTasks(2);
  await waitForEnd(fleet, 16);
  await expectInboxEmpty(fleet);
}, 150_000);
