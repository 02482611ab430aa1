import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, openFleet, POST_GOAL } from '../support/fleet.ts';
import { ask, giveTask, listPublished, pressCard, textOf, until, waitForCard } from '../support/telling.ts';
import { heldBy } from './support/fleet-work.ts';

const { adam, bella, olivia } = PERSONAS;
const LONG = { timeoutMs: 30_000 };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'webhook' });
  await Promise.all([fleet.start('bot', 2), fleet.start('worker', 2), fleet.start('web')]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

async function resume(): Promise<void> {
  await ask(fleet, adam.id, '/resume', { chatId: CHATS.admin.id });
  await ask(fleet, olivia.id, '/resume', { chatId: CHATS.admin.id });
  expect(await fleet.sql('select stopped_at from public.stop_switch')).toEqual([{ stopped_at: null }]);
}

test('with two workers both acknowledge, within the answer', async () => {
  const answer = textOf(await ask(fleet, adam.id, '/stop wrong prices'));
  expect(answer).toContain('2 workers acknowledged: all of them.');
  expect(answer).toContain('Nothing was in flight.');
  await resume();
}, 90_000);

/** Keeps the gate's answer back: it has judged, and cannot write its grant down. */
async function holdGrants(): Promise<{ waitForOne(): Promise<void>; letGo(): Promise<void> } & AsyncDisposable> {
  const client = new pg.Client({ connectionString: fleet.ownerUrl });
  await client.connect();
  await client.query('begin; lock table public.effects in share mode');
  let isOpen = true;
  const letGo = async () => {
    if (isOpen) await client.end();
    isOpen = false;
  };
  const asking = `select 1 from pg_stat_activity where wait_event_type = 'Lock' and query like '%authorize_effect%' and datname = current_database()`;
  return {
    waitForOne: () =>
      until(async () => (await fleet.sql(asking)).length === 1, { ...LONG, what: 'a worker to ask the gate' }).then(() => undefined),
    letGo,
    [Symbol.asyncDispose]: letGo,
  };
}

test('a worker that sleeps with a grant in hand is named, and sends nothing when it wakes', async () => {
  const task = await giveTask(fleet, adam.id, `${POST_GOAL} 1`);
  const card = await waitForCard(fleet, task);
  await using grants = await holdGrants();
  await pressCard(fleet, bella.id, card, 'Approve');
  await grants.waitForOne();
  const [step] = await fleet.sql("select worker from public.task_steps where task_id = $1 and status = 'running'", [task.taskId]);
  const name = String(step?.worker);
  const sleeper = fleet.list('worker').find(({ pid }) => name.includes(`-${pid}-`));
  if (sleeper === undefined) throw new Error(`nobody of the fleet is ${name}`);
  sleeper.signal('SIGSTOP');
  await grants.letGo();
  const effects = () => fleet.sql('select status, generation from public.effects where task_id = $1', [task.taskId]);
  await until(async () => (await effects()).length === 1, { ...LONG, what: 'the grant, which the sleeper cannot read' });

  const answer = textOf(await ask(fleet, adam.id, '/stop wrong prices'));
  expect(answer).toContain(`1 of 2 workers acknowledged; not yet: ${name.slice(0, 39)}`);
  expect(answer).toContain('May still land');
  expect(answer).toContain(task.taskId);
  // What is asked for from now on is granted to nobody, by whichever worker.
  const granted = await fleet.sql('select count(*)::int as count from public.effects where tier >= $1', ['T2']);

  sleeper.signal('SIGCONT');
  const hasSeen = 'select 1 from public.workers where worker like $1 and generation_seen = (select generation from public.stop_switch)';
  await until(async () => (await fleet.sql(hasSeen, [heldBy(sleeper)])).length === 1, { ...LONG, what: 'the sleeper to acknowledge' });
  const isBack = "select 1 from public.task_steps where task_id = $1 and node_id = 'publish' and status = 'ready'";
  await until(async () => (await fleet.sql(isBack, [task.taskId])).length === 1, { ...LONG, what: 'the step to be handed back' });
  expect(
    await fleet.sql('select 1 from public.effect_attempts a join public.effects e using (effect_id) where e.tier >= $1', ['T2']),
  ).toEqual([]);
  expect(listPublished(fleet)).toEqual([]);
  expect(await fleet.sql('select count(*)::int as count from public.effects where tier >= $1', ['T2'])).toEqual(granted);

  await resume();
  await until(() => listPublished(fleet).length === 1, LONG);
  const isDone = "select 1 from public.tasks where task_id = $1 and status = 'done'";
  await until(async () => (await fleet.sql(isDone, [task.taskId])).length === 1, LONG);
  expect(listPublished(fleet)).toHaveLength(1);
}, 180_000);
