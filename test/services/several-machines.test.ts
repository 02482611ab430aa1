import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, type Machine, openFleet, POST_GOAL } from '../support/fleet.ts';
import { listPublished } from '../support/telling.ts';
import { expectAllDone, expectChainsIntact, expectEffectsOnce, expectInboxEmpty, expectOneMessageEach } from './support/fleet-counts.ts';
import { approveAsTheyCome, waitForEnd } from './support/fleet-work.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const GIVERS = [adam.id, bella.id, olivia.id, oscar.id];
const TASKS = 40;
const POSTS = 10;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'webhook' });
  await Promise.all([fleet.start('bot', 2), fleet.start('worker', 2), fleet.start('web', 2)]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

test('two of each by webhook: 40 answers and 10 posts at once, nothing doubled, nothing lost', async () => {
  const approving = approveAsTheyCome(fleet, { approver: bella.id, count: POSTS });
  for (let index = 0; index < TASKS + POSTS; index += 1) {
    const giver = GIVERS[index % GIVERS.length] ?? adam.id;
    const goal = index % 5 === 4 ? `${POST_GOAL} ${index}` : `Summarise the notes on item ${index}`;
    fleet.telegram.say(giver, giver, `/task ${goal}`);
  }
  await approving;
  await waitForEnd(fleet, TASKS + POSTS);

  await expectAllDone(fleet, TASKS + POSTS);
  await expectEffectsOnce(fleet, { reply: TASKS, post: POSTS });
  await expectInboxEmpty(fleet);
  await expectOneMessageEach(fleet);
  expect(await expectChainsIntact(fleet)).toBe(TASKS + POSTS + 1);
  expect(new Set(listPublished(fleet)).size).toBe(POSTS);
  expect(listPublished(fleet)).toHaveLength(POSTS);
}, 150_000);

test('the work was shared: every web took updates in, every bot answered some, every worker ran steps', async () => {
  const readMetrics = async ({ url }: Machine) => (await fetch(`${url}/metrics`)).text();
  for (const machine of fleet.list('web')) {
    expect(fleet.answeredBy.get(machine.url)).toBeGreaterThan(0);
    expect(await readMetrics(machine)).toMatch(/^ags_updates_total [1-9]/m);
  }
  for (const machine of fleet.list('bot')) {
    expect(await readMetrics(machine)).toMatch(/^ags_telegram_calls_total\{method="sendMessage",outcome="ok"\} [1-9]/m);
  }
  for (const machine of fleet.list('worker')) {
    expect(await readMetrics(machine)).toMatch(/^ags_steps_total\{agent="planner",outcome="done"\} [1-9]/m);
  }
});
