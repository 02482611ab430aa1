import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findViolations, INVARIANTS, type Invariant } from '../../../src/store/invariants.ts';
import { meet } from '../../support/changes.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { askTask } from '../../support/stories.ts';
import { PEOPLE, type PolicyOverrides, PUBLISH_IS_T3, seedPolicy, seedTeam } from '../../support/story-world.ts';
import { Actor } from './actor.ts';
import { ApprovalModel, type World } from './approval-model.ts';
import { type Command, commands, type Team, team } from './commands.ts';
import { beginTransaction, type OneTransaction } from './one-transaction.ts';

/** About the database as such and the hashes over all of it: no sequence comes near them, and they have tests of their own. */
const APART = new Set(['I19', 'I20', 'I22', 'I27', 'I31']);
/** What a press, a role or a stop could break at once. */
const AT_ONCE = new Set(['I1', 'I2', 'I5', 'I6', 'I8', 'I8b', 'I9', 'I10', 'I11', 'I15', 'I16', 'I24', 'I33']);
const AT_THE_END: readonly Invariant[] = INVARIANTS.filter(({ id }) => !APART.has(id));
const AFTER_EACH = INVARIANTS.filter(({ id }) => AT_ONCE.has(id));
/** Answers of calls that have changed nothing: what they might have changed all the same is seen after the next one, or at the end. */
const NOTHING = new Set(['refused', 'no', 'nothing', 'lost', 'impossible']);

/** A database with one task about which people are asked, in the given world. */
export async function openWorld({ tier, separation, requester }: World): Promise<{ database: TestDatabase; taskId: string }> {
  const database = await openTestDatabase();
  await seedTeam(database);
  await meet(database, PEOPLE.member, 'Mia');
  const overrides: PolicyOverrides = { ...(tier === 'T3' ? PUBLISH_IS_T3 : {}), separation: { [tier]: separation } };
  await seedPolicy(database, overrides);
  const { taskId } = await askTask(database, { by: requester });
  return { database, taskId };
}

/** Ten thousand in CI, four files together; a tenth of it at everybody's desk. */
const COUNT = process.env.CI ? 2500 : 250;
/** CI says the same about the same program; at everybody's desk each run tries others. */
const SEED = process.env.CI ? 20_261_122 : undefined;
/** A guard against hanging, far above what the slowest machine takes. */
const PATIENCE_MS = 3_600_000;

/** The test of one world: a file for each, so that they run beside each other. */
export function testSequences(name: string, world: World): void {
  let opened: Awaited<ReturnType<typeof openWorld>>;
  beforeAll(async () => {
    opened = await openWorld(world);
  });
  afterAll(() => opened?.database.close());

  test(
    `${name}: whatever people do, in any order`,
    async () => {
      const reached = await checkSequences({ world, count: COUNT, ...opened });
      expect(reached.sequences).toBe(COUNT);
      expect(reached.granted).toBeGreaterThan(COUNT / 50);
      expect(reached.landed).toBeGreaterThan(0);
    },
    PATIENCE_MS,
  );
}

export interface Sequences {
  world: World;
  count: number;
  /** Whether the shortest sequence that fails is looked for; otherwise the first one is told. */
  shrinks?: boolean;
  database: TestDatabase;
  taskId: string;
}

/** How often the sequences came to what they are about: a property that never reaches it would show nothing. */
export interface Reached {
  sequences: number;
  steps: number;
  granted: number;
  landed: number;
}

/** Throws with the seed and the shortest sequence that was found, when an answer is not the model's or an invariant does not hold. */
export async function checkSequences({ world, count, database, taskId, shrinks = true }: Sequences): Promise<Reached> {
  const reached: Reached = { sequences: 0, steps: 0, granted: 0, landed: 0 };
  const property = fc.asyncProperty(team, commands, async (people, list) => {
    const answers = await playOnce({ database, taskId }, { world, people, list });
    reached.sequences += 1;
    reached.steps += answers.length;
    if (answers.includes('go')) reached.granted += 1;
    if (list.some((command, index) => command.do === 'settle' && command.as === 'done' && answers[index] === 'settled'))
      reached.landed += 1;
  });
  await fc.assert(property, { numRuns: count, seed: SEED, endOnFailure: !shrinks, includeErrorInReport: true });
  return reached;
}

interface Sequence {
  world: World;
  people: Team;
  list: readonly Command[];
}

/** One sequence from the same beginning as every other: answers with what came of each command. Throws as `checkSequences`. */
export async function playOnce({ database, taskId }: { database: TestDatabase; taskId: string }, sequence: Sequence): Promise<string[]> {
  const transaction = await beginTransaction(database);
  try {
    return await play(transaction, taskId, sequence);
  } finally {
    await transaction.rollback();
  }
}

async function play(db: OneTransaction, taskId: string, { world, people, list }: Sequence): Promise<string[]> {
  const actor = new Actor(db, taskId);
  const model = new ApprovalModel(world, people);
  await actor.seat(people);
  const answers: string[] = [];
  for (const command of list) {
    const expected = model.predict(command);
    const answer = await actor.act(command);
    answers.push(answer);
    if (answer !== expected)
      throw new Error(`${JSON.stringify(command)}: expected ${expected}, the database said ${answer}; before it: ${answers.join(', ')}`);
    if (!NOTHING.has(answer)) await assertNone(db, AFTER_EACH, command);
  }
  await assertNone(db, AT_THE_END, 'the end');
  return answers;
}

async function assertNone(db: OneTransaction, invariants: readonly Invariant[], after: Command | string): Promise<void> {
  const violations = await findViolations(db.sql, invariants);
  if (violations.length > 0) throw new Error(`after ${JSON.stringify(after)}: ${violations.join(', ')}`);
}
