import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type ListeningSandbox, listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox, type Sandbox } from '../../src/sandbox/sandbox.ts';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { until } from '../support/telling.ts';

const SCRIPT = fileURLToPath(new URL('./support/polling-process.ts', import.meta.url));
const { adam } = PERSONAS;
const START_TIMEOUT_MS = 30_000;
/** The lease, the question of the one that waits, and a busy machine. */
const TAKEOVER_TIMEOUT_MS = 30_000;

interface Poller {
  /** `polling`, `waiting` or `trouble`, each time it changed. */
  states: string[];
  log(): string;
  end(signal: NodeJS.Signals): Promise<void>;
}

let database: PostgresDatabase;
let telegram: Sandbox['telegram'];
let listening: ListeningSandbox;
const children: ChildProcessWithoutNullStreams[] = [];
beforeEach(async () => {
  database = await createDatabase(inject('templateUrl'));
  const sandbox = makeSandbox({ startedPersonaIds: [adam.id] });
  telegram = sandbox.telegram;
  listening = await listenSandbox(sandbox);
});
afterEach(async () => {
  await Promise.all(children.splice(0).map((child) => kill(child, 'SIGKILL')));
  await listening.close();
  await database.drop();
});

async function kill(child: ChildProcessWithoutNullStreams, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill(signal);
  await closed;
}

function start(worker: string): Poller {
  const child = spawn(process.execPath, [SCRIPT, database.url, listening.apiRoot, worker]);
  children.push(child);
  const states: string[] = [];
  let log = '';
  createInterface({ input: child.stdout }).on('line', (line) => states.push(line));
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString();
  });
  return { states, log: () => log, end: (signal) => kill(child, signal) };
}

const untilIs = (one: Poller, state: string, timeoutMs = START_TIMEOUT_MS) =>
  until(() => one.states.at(-1) === state, { timeoutMs, what: `the process to be ${state}` });

async function sayAndStore(text: string): Promise<void> {
  telegram.say(adam.id, adam.id, text);
  const stored = `select 1 from public.inbox where payload -> 'message' ->> 'text' = '${text}'`;
  await until(async () => (await database.sql(stored)).length === 1 && telegram.pendingUpdates().length === 0, {
    what: `${text} to be taken in`,
  });
}

test('a killed poller is followed by the one that waits; what came meanwhile is not lost', async () => {
  const first = start('bot-1');
  await untilIs(first, 'polling');
  const second = start('bot-2');
  await untilIs(second, 'waiting');
  await sayAndStore('before');
  await first.end('SIGKILL');
  telegram.say(adam.id, adam.id, 'meanwhile');
  const [lease] = await database.sql('select holder, expires_at > clock_timestamp() as is_running from public.leases');
  expect(lease).toEqual({ holder: 'bot-1', is_running: true });
  await untilIs(second, 'polling', TAKEOVER_TIMEOUT_MS);
  await sayAndStore('after');
  expect(await database.sql(`select payload -> 'message' ->> 'text' as text from public.inbox order by inbox_id`)).toEqual(
    ['before', 'meanwhile', 'after'].map((text) => ({ text })),
  );
  expect(first.log() + second.log()).not.toContain('409');
}, 90_000);

test('a poller that ends in order hands over, again and again, without one ever throwing the other out', async () => {
  let current = start('bot-0');
  await untilIs(current, 'polling');
  const logs: string[] = [];
  for (let turn = 1; turn <= 3; turn += 1) {
    const next = start(`bot-${turn}`);
    await untilIs(next, 'waiting');
    await sayAndStore(`turn ${turn}`);
    await current.end('SIGTERM');
    logs.push(current.log());
    await untilIs(next, 'polling');
    current = next;
  }
  await sayAndStore('the end');
  logs.push(current.log());
  expect(logs.join('')).not.toContain('409');
  expect(await database.sql('select count(*)::int as count from public.inbox')).toEqual([{ count: 4 }]);
}, 120_000);
