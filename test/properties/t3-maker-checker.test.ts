import { afterAll, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../support/story-world.ts';
import type { World } from './support/approval-model.ts';
import { COUNT, checkSequences, openWorld, PATIENCE_MS } from './support/sequences.ts';

const world: World = { tier: 'T3', separation: 'operator', requester: PEOPLE.operator };
let opened: Awaited<ReturnType<typeof openWorld>>;
beforeAll(async () => {
  opened = await openWorld(world);
});
afterAll(() => opened?.database.close());

test(
  "T3, where whoever asks may fill the operator's place and no other: whatever people do, in any order",
  async () => {
    const reached = await checkSequences({ world, count: COUNT, ...opened });
    expect(reached.sequences).toBe(COUNT);
    expect(reached.granted).toBeGreaterThan(COUNT / 50);
    expect(reached.landed).toBeGreaterThan(0);
  },
  PATIENCE_MS,
);
