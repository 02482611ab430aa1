import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, openFleet, POST_GOAL } from '../support/fleet.ts';
import { type GivenTask, giveTask, listPublished, pressCard, until, waitForCard } from '../support/telling.ts';

const { adam, bella } = PERSONAS;
const LONG = { timeoutMs: 30_000 };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'polling' });
  await fleet.start('bot');
  await fleet.start('worker');
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** Keeps the writers of a table waiting, and ends the connection of the one that asks for this function. */
async function holdWriters(table: string, asking: string): Promise<{ breakOne(): Promise<void> } & AsyncDisposable> {
  const client = new pg.Client({ connectionString: fleet.ownerUrl });
  await client.connect();
  await client.query(`begin; lock table ${table} in share mode`);
  const end = `select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock' and query like '%' || $1 || '%' and datname = current_database()`;
  return {
    async breakOne() {
      await until(async () => (await fleet.sql(end, [asking])).length > 0, { ...LONG, what: `somebody to ask for ${asking}` });
    },
    [Symbol.asyncDispose]: () => client.end(),
  };
}

async function expectPublishedOnce({ taskId }: GivenTask, count: number): Promise<void> {
  await until(
    async () => (await fleet.sql("select 1 from public.tasks where task_id = $1 and status = 'done'", [taskId])).length === 1,
    LONG,
  );
  expect(listPublished(fleet)).toHaveLength(count);
  const tries =
    'select a.status, a.attempt, a.landed_by from public.effect_attempts a join public.effects e using (effect_id) where e.task_id = $1';
  expect(await fleet.sql(tries, [taskId])).toEqual([{ status: 'done', attempt: 1, landed_by: null }]);
  expect(await fleet.sql("select 1 from public.cards where kind = 'doubt'")).toEqual([]);
}

test('while the gate is asked: the step is taken up again and the post goes out once', async () => {
  const task = await giveTask(fleet, adam.id, `${POST_GOAL} 1`);
  const card = await waitForCard(fleet, task);
  {
    await using writers = await holdWriters('public.effects', 'authorize_effect');
    await pressCard(fleet, bella.id, card, 'Approve');
    await writers.breakOne();
  }
  await expectPublishedOnce(task, 1);
}, 120_000);

test('while it is noted that the post has arrived: it is noted all the same, and nobody is asked', async () => {
  const task = await giveTask(fleet, adam.id, `${POST_GOAL} 2`);
  const card = await waitForCard(fleet, task);
  const { telegram } = fleet;
  telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { answerDelayMs: 1_000 } });
  await pressCard(fleet, bella.id, card, 'Approve');
  await telegram.waitFor(() => listPublished(fleet).length === 2, LONG);
  {
    await using writers = await holdWriters('public.effect_attempts', 'settle_attempt');
    await writers.breakOne();
  }
  await expectPublishedOnce(task, 2);
}, 120_000);
