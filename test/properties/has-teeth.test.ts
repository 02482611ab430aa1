import { afterEach, beforeEach, expect, test } from 'vitest';
import { PEOPLE } from '../support/story-world.ts';
import type { World } from './support/approval-model.ts';
import { MUTANTS, takeOut } from './support/mutants.ts';
import { checkSequences, openWorld } from './support/sequences.ts';

const world: World = { tier: 'T3', separation: 'none', requester: PEOPLE.operator };
let opened: Awaited<ReturnType<typeof openWorld>>;
beforeEach(async () => {
  opened = await openWorld(world);
});
afterEach(() => opened?.database.close());

/** More than the rarest one takes. */
const COUNT = 1500;

test.each(MUTANTS)(
  'a control is taken out, and it shows: $name',
  async (mutant) => {
    await takeOut(opened.database.sql, mutant);
    await expect(checkSequences({ world, count: COUNT, shrinks: false, ...opened })).rejects.toThrow(
      /seed: .*Got error: (.*: expected |after )/s,
    );
  },
  // A guard against hanging.
  3_600_000,
);
