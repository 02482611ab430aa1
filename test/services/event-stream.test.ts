import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../scripts/private-redis.ts';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { connectRedis, type RedisConnections } from '../../src/servers/redis.ts';
import { EVENT_STREAM, makeRedisEventStream } from '../../src/servers/redis-event-stream.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { makeEventValidator } from '../support/event-schema.ts';
import { giveTask, waitForDone } from '../support/telling.ts';

const { adam } = PERSONAS;
const example = fileURLToPath(new URL('../../docs/examples/consume-events.ts', import.meta.url));

let server: PrivateRedis;
let connections: RedisConnections;
let app: TestApp;

beforeAll(async () => {
  server = await startPrivateRedis();
  connections = connectRedis({ url: server.url, log: makeLogger({ level: 'silent' }) });
  app = await startTestApp({ parts: { eventStream: makeRedisEventStream({ redis: connections.commands }) } });
});
afterAll(async () => {
  await app?.close();
  await connections?.close();
  await server?.stop();
});

interface Streamed {
  event_id: string;
  event_type: string;
  task_id: string | null;
  idempotency_key: string;
}

async function listStreamed(): Promise<Streamed[]> {
  const entries = await connections.commands.xrange(EVENT_STREAM, '-', '+');
  return entries.map(([, fields]) => JSON.parse(fields[fields.indexOf('event') + 1] ?? '{}'));
}

const listStored = async (taskId: string): Promise<string[]> =>
  (await app.sql('select event_id from public.events where task_id = $1 order by seq', [taskId])).map(({ event_id: id }) => String(id));

async function finish(goal: string) {
  const task = await giveTask(app, adam.id, goal);
  await waitForDone(app, task);
  return task;
}

/** Everything that the task caused is on the stream, once, and in its order. */
async function expectStreamed(taskId: string): Promise<void> {
  const stored = await listStored(taskId);
  const ofTask = async () => (await listStreamed()).filter(({ task_id: id }) => id === taskId).map(({ event_id: id }) => id);
  await expect.poll(ofTask, { timeout: 20_000 }).toEqual(stored);
}

test('what a task caused comes onto the stream in its order, as the schemas say', async () => {
  const { taskId } = await finish('Say hello');
  await expectStreamed(taskId);
  const findProblems = makeEventValidator();
  const events = (await listStreamed()).filter(({ task_id: id }) => id === taskId);
  expect(events.map(({ event_type: type }) => type)).toEqual(expect.arrayContaining(['TASK_CREATED', 'STEP_DONE', 'TASK_ENDED']));
  for (const event of events) expect(findProblems(event)).toEqual([]);
});

test('an outage of Redis delays events and loses none', async () => {
  await server.kill();
  const { taskId } = await finish('Say hello again');
  await server.start();
  await expectStreamed(taskId);
  expect(await app.sql('select 1 from public.events where streamed_at is null')).toEqual([]);
});

test('an event of which nobody knows whether it is there comes again, under the same key', async () => {
  const { taskId } = await finish('Say it twice');
  await expectStreamed(taskId);
  // As after a crash between the stream and the row.
  await app.sql('update public.events set streamed_at = null where task_id = $1', [taskId]);
  const stored = await listStored(taskId);
  const ofTask = async () => (await listStreamed()).filter(({ task_id: id }) => id === taskId);
  await expect.poll(async () => (await ofTask()).length, { timeout: 20_000 }).toBe(2 * stored.length);
  expect(new Set((await ofTask()).map(({ idempotency_key: key }) => key)).size).toBe(stored.length);
});

test('the stream is trimmed: Redis does not fill up', async () => {
  const stream = makeRedisEventStream({ redis: connections.commands, name: 'trimmed' });
  const event = { event_id: crypto.randomUUID(), event_type: 'STEP_DONE', task_id: null, idempotency_key: 'k' };
  for (let round = 0; round < 60; round += 1) await stream.append(Array.from({ length: 100 }, () => event));
  expect(await connections.commands.xlen('trimmed')).toBeLessThanOrEqual(5_100);
});

test('the example consumer prints every event once, also after it was away', async () => {
  const first = await consumeUntil((lines) => lines.some(({ event_type: type }) => type === 'TASK_ENDED'));
  expect(new Set(first.map(({ idempotency_key: key }) => key)).size).toBe(first.length);
  const { taskId } = await finish('Say goodbye');
  await expectStreamed(taskId);
  const stored = await listStored(taskId);
  const second = await consumeUntil((lines) => lines.length >= stored.length);
  expect(second.map(({ event_id: id }) => id)).toEqual(expect.arrayContaining(stored));
  const before = new Set(first.map(({ event_id: id }) => id));
  expect(stored.filter((id) => before.has(id))).toEqual([]);
});

/** Runs the example until its lines suffice, and ends it. */
async function consumeUntil(isEnough: (lines: Streamed[]) => boolean): Promise<Streamed[]> {
  const child = spawn(process.execPath, [example, 'test', 'one'], {
    env: { ...process.env, REDIS_URL: server.url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const listLines = (): Streamed[] =>
    text
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
  await expect.poll(() => isEnough(listLines()), { timeout: 20_000 }).toBe(true);
  child.kill('SIGINT');
  await exited;
  return listLines();
}
