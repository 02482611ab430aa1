import fc from 'fast-check';
import { findViolations, INVARIANTS, type Invariant } from '../../../src/store/invariants.ts';
import { meet } from '../../support/changes.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { askTask } from '../../support/stories.ts';
import { PEOPLE, type PolicyOverrides, PUBLISH_IS_T3, seedPolicy, seedTeam } from '../../support/story-world.ts';
import { Actor } from './actor.ts';
import { ApprovalModel, type World } from './approval-model.ts';
import { type Command, commands, type Team, team } from './commands.ts';
import { beginTransaction, type OneTransaction } from './one-transaction.ts';

/** What no decision and no press can touch is looked at once at the end: grants of the database, and hashes over everything. */
const AT_THE_END = new Set(['I3', 'I4', 'I7', 'I14', 'I17', 'I19', 'I20', 'I22', 'I23', 'I25', 'I27', 'I31', 'I32', 'I34', 'I35']);
const AFTER_EACH: readonly Invariant[] = INVARIANTS.filter(({ id }) => !AT_THE_END.has(id));

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

export interface Sequences {
  world: World;
  count: number;
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
export async function checkSequences({ world, count, database, taskId }: Sequences): Promise<Reached> {
  const reached: Reached = { sequences: 0, steps: 0, granted: 0, landed: 0 };
  const property = fc.asyncProperty(team, commands, async (people, list) => {
    const transaction = await beginTransaction(database);
    try {
      const answers = await play(transaction, { world, taskId, people, list });
      reached.sequences += 1;
      reached.steps += answers.length;
      if (answers.includes('go')) reached.granted += 1;
      if (answers.some((answer, index) => answer === 'settled' && list[index]?.do === 'settle' && list[index].as === 'done'))
        reached.landed += 1;
    } finally {
      await transaction.rollback();
    }
  });
  await fc.assert(property, { numRuns: count, endOnFailure: false });
  return reached;
}

async function play(
  db: OneTransaction,
  { world, taskId, people, list }: { world: World; taskId: string; people: Team; list: readonly Command[] },
): Promise<string[]> {
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
    await assertNone(db, AFTER_EACH, command);
  }
  await assertNone(db, INVARIANTS, 'the end');
  return answers;
}

async function assertNone(db: OneTransaction, invariants: readonly Invariant[], after: Command | string): Promise<void> {
  const violations = await findViolations(db.sql, invariants);
  if (violations.length > 0) throw new Error(`after ${JSON.stringify(after)}: ${violations.join(', ')}`);
}
