import { afterEach, beforeEach, expect, test } from 'vitest';
import { makeApi } from '../../../src/bot/api.ts';
import { makeIntake } from '../../../src/bot/intake.ts';
import { startPolling } from '../../../src/bot/polling.ts';
import type { UpdateSource } from '../../../src/bot/update-source.ts';
import { AppError } from '../../../src/errors.ts';
import { type ListeningSandbox, listenSandbox } from '../../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../../src/sandbox/sandbox.ts';
import { PERSONAS, SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import type { Rpc } from '../../../src/store/rpc.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';
import { makeMetrics } from '../../../src/telemetry/metrics.ts';
import { openTestDatabase, type TestDatabase } from '../../support/database.ts';
import { until } from '../../support/telling.ts';

const { adam } = PERSONAS;
/** A few times quicker than in production, in the same proportions. */
const TIMES = { leaseSeconds: 3, renewMs: 300, waitMs: 100, marginMs: 1_000 };

interface Process extends UpdateSource {
  /** Its database is away from here on, or back. */
  setAway(isAway: boolean): void;
  logged: string[];
}

let db: TestDatabase;
let telegram: Sandbox['telegram'];
let listening: ListeningSandbox;
const processes: Process[] = [];
beforeEach(async () => {
  db = await openTestDatabase();
  const sandbox = makeSandbox({ startedPersonaIds: [adam.id] });
  telegram = sandbox.telegram;
  listening = await listenSandbox(sandbox);
});
afterEach(async () => {
  for (const one of processes) one.setAway(false);
  await Promise.all(processes.splice(0).map((one) => one.close()));
  await listening.close();
  await db.close();
});

/** What a bot process does to take updates in; its calls to the database can be cut off. */
function start(worker: string): Process {
  const real = db.rpc('ags_bot');
  let isAway = false;
  const rpc: Rpc = {
    role: real.role,
    call: (name, args, schema, signal) =>
      isAway ? Promise.reject(new AppError('store_unavailable')) : real.call(name, args, schema, signal),
  };
  const logged: string[] = [];
  const source = startPolling({
    api: makeApi({ botToken: SANDBOX_BOT.token, apiRoot: listening.apiRoot }),
    rpc,
    worker,
    intake: makeIntake({ botUsername: SANDBOX_BOT.username }),
    onStored: () => undefined,
    log: makeLogger({ level: 'info', destination: { write: (line) => void logged.push(line) } }),
    metrics: makeMetrics({ hasProcessMetrics: false }),
    times: TIMES,
  });
  const started = {
    ...source,
    logged,
    setAway(next: boolean) {
      isAway = next;
    },
  };
  processes.push(started);
  return started;
}

const untilPolling = (one: Process) => until(() => one.problem() === null, { what: 'the process to poll' });
const untilWaiting = (one: Process) => until(() => one.problem()?.code === 'not_its_turn', { what: 'the process to wait for its turn' });
const countStored = async () => Number((await db.sql('select count(*)::int as count from public.inbox'))[0]?.count);
const countPolls = () => telegram.calls('getUpdates').length;
const listConflicts = () => processes.flatMap(({ logged }) => logged.filter((line) => line.includes('409')));

/** Says something and waits until it is stored. */
async function sayAndStore(): Promise<void> {
  const before = await countStored();
  telegram.say(adam.id, adam.id, 'hello');
  await until(async () => (await countStored()) === before + 1 && telegram.pendingUpdates().length === 0, {
    what: 'the update to be taken in',
  });
}

test('of two processes one polls; the second one waits and says so', async () => {
  const first = start('bot-1');
  await untilPolling(first);
  const second = start('bot-2');
  await untilWaiting(second);
  await sayAndStore();
  expect(first.problem()).toBeNull();
  expect(second.problem()?.message).toBe('Another process polls for this bot; waiting');
  // Told once, with who it is.
  await until(async () => (await db.sql('select 1 from public.leases where expires_at > now()')).length === 1);
  const lines = second.logged.filter((line) => line.includes('waiting for the turn'));
  expect(lines).toHaveLength(1);
  expect(lines[0]).toContain('bot-1');
  expect(listConflicts()).toEqual([]);
});

test('after a clean end the next one takes over, and no update is lost or taken in twice', async () => {
  const first = start('bot-1');
  await untilPolling(first);
  const second = start('bot-2');
  await untilWaiting(second);
  await sayAndStore();
  await first.close();
  await untilPolling(second);
  await sayAndStore();
  expect(await countStored()).toBe(2);
  expect(listConflicts()).toEqual([]);
  expect(await db.sql('select holder from public.leases')).toEqual([{ holder: 'bot-2' }]);
});

test('one whose database is away stops polling while nobody else can have begun; the other takes over when the lease has run out', async () => {
  const first = start('bot-1');
  await untilPolling(first);
  const second = start('bot-2');
  await untilWaiting(second);
  first.setAway(true);
  await until(() => first.problem() !== null, { what: 'the first one to stop polling' });
  const [lease] = await db.sql(`select holder, expires_at > clock_timestamp() as is_running from public.leases`);
  expect(lease).toEqual({ holder: 'bot-1', is_running: true });
  await untilPolling(second);
  await sayAndStore();
  first.setAway(false);
  await untilWaiting(first);
  await sayAndStore();
  expect(listConflicts()).toEqual([]);
  await second.close();
  await untilPolling(first);
  await sayAndStore();
  expect(await countStored()).toBe(3);
});

test('an outage shorter than the lease is not even noticed', async () => {
  const first = start('bot-1');
  await untilPolling(first);
  first.setAway(true);
  await until(() => first.logged.some((line) => line.includes('the lease could not be renewed')));
  first.setAway(false);
  const [before] = await db.sql('select claimed_at, expires_at from public.leases');
  await until(async () => Number((await db.sql('select expires_at from public.leases'))[0]?.expires_at) > Number(before?.expires_at));
  expect(first.problem()).toBeNull();
  expect((await db.sql('select claimed_at from public.leases'))[0]).toEqual({ claimed_at: before?.claimed_at });
});

test('one that slept through its lease does not poll beside the next', async () => {
  const first = start('bot-1');
  await untilPolling(first);
  // Meanwhile somebody else took it: what a process finds that was suspended.
  await db.sql(`update public.leases set holder = 'bot-2', expires_at = clock_timestamp() + interval '1 minute'`);
  await untilWaiting(first);
  const polls = countPolls();
  telegram.say(adam.id, adam.id, 'for the other one');
  await db.sql(`update public.leases set expires_at = clock_timestamp()`);
  await until(async () => (await countStored()) === 1);
  // Nothing was fetched or confirmed while it was another one's turn.
  const [between] = telegram.calls('getUpdates').slice(polls);
  expect(Array.isArray(between?.result) && between.result).toHaveLength(1);
});

test('a foreign poller is waited for as before', async () => {
  const first = start('bot-1');
  await untilPolling(first);
  telegram.failNext({ method: 'getUpdates', as: { status: 409, description: 'terminated by other getUpdates request' } });
  telegram.say(adam.id, adam.id, 'hello');
  await until(() => first.problem()?.code === 'not_its_turn');
  await until(async () => (await countStored()) === 1);
  await untilPolling(first);
});
