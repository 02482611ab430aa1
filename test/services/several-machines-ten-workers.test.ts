import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, openFleet } from '../support/fleet.ts';
import { expectAllDone, expectChainsIntact, expectEffectsOnce, expectInboxEmpty, expectOneMessageEach } from './support/fleet-counts.ts';
import { waitForEnd } from './support/fleet-work.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const GIVERS = [adam.id, bella.id, olivia.id, oscar.id];
const TASKS = 60;
const WORKERS = 10;

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'webhook' });
  await Promise.all([fleet.start('bot'), fleet.start('web'), fleet.start('worker', WORKERS)]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

test('ten worker processes and 60 tasks at once: nothing doubled, nothing lost', async () => {
  for (let index = 0; index < TASKS; index += 1) {
    const giver = GIVERS[index % GIVERS.length] ?? adam.id;
    fleet.telegram.say(giver, giver, `/task Summarise the notes on item ${index}`);
  }
  await waitForEnd(fleet, TASKS);
  await expectAllDone(fleet, TASKS);
  await expectEffectsOnce(fleet, { reply: TASKS, post: 0 });
  await expectInboxEmpty(fleet);
  await expectOneMessageEach(fleet);
  expect(await expectChainsIntact(fleet)).toBe(TASKS + 1);
  expect(await fleet.sql('select count(*)::int as count from public.workers')).toEqual([{ count: WORKERS }]);
  const ended = fleet.list('worker').map(({ lines }) => lines.filter((line) => line.includes('"msg":"step ended"')).length);
  expect(ended.reduce((sum, count) => sum + count, 0)).toBe(TASKS * 7);
}, 150_000);

test('all of them end in order when they are asked to, and sign off', async () => {
  const ends = await Promise.all([...fleet.list('worker')].map((worker) => fleet.end(worker, 'SIGTERM')));
  expect(ends.map(({ code }) => code)).toEqual(Array.from({ length: WORKERS }, () => 0));
  expect(await fleet.sql('select worker from public.workers')).toEqual([]);
}, 90_000);
