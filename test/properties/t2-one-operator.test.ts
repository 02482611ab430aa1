import { afterAll, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../support/story-world.ts';
import type { World } from './support/approval-model.ts';
import { COUNT, checkSequences, openWorld, PATIENCE_MS } from './support/sequences.ts';

const world: World = { tier: 'T2', separation: 'any', requester: PEOPLE.operator };
let opened: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  opened = await openWorld(world);
});
afterAll(() => opened?.database.close());

test(
  'T2, where one operator is enough, also the one who asked: whatever people do, in any order',
  async () => {
    const reached = await checkSequences({ world, count: COUNT, ...opened });
    expect(reached.sequences).toBe(COUNT);
    expect(reached.granted).toBeGreaterThan(COUNT / 50);
    expect(reached.landed).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
