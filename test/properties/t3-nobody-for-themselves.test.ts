import { afterAll, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../support/story-world.ts';
import { checkSequences, openWorld } from './support/sequences.ts';

const world = { tier: 'T3', separation: 'none', requester: PEOPLE.operator } as const;
let opened: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  opened = await openWorld(world);
});
afterAll(() => opened?.database.close());

test('T3', async () => {
  const count = 300;
  const t = performance.now();
  const reached = await checkSequences({ world, count, ...opened });
  console.log(reached, (performance.now() - t) / count);
  expect(reached.granted).toBeGreaterThan(count / 50);
}, 600_000);
