import { afterAll, beforeAll, expect, test } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../scripts/private-redis.ts';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { connectRedis, type RedisConnections } from '../../src/servers/redis.ts';
import { makeRedisQueue, type RedisQueue } from '../../src/servers/redis-queue.ts';
import { makeRedisShortTerm } from '../../src/servers/redis-short-term.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { makeBench } from '../support/queue-conformance.ts';
import { openRedisSpace, type RedisSpace } from '../support/redis.ts';
import { giveTask, listReplies, pressCard, textOf, waitForCard, waitForDone } from '../support/telling.ts';

const { adam, bella, olivia } = PERSONAS;
const PRIVATE = ['ann.lee@example.org', '+49 151 23456789'];
const PUBLISHING = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write the post.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];

let server: PrivateRedis;
let connections: RedisConnections;
let queue: RedisQueue;
let space: RedisSpace;
let model: FakeModel;
let app: TestApp;
/** Everything that Redis was told, from the first command on: what is removed at once was there all the same. */
const told: string[] = [];

beforeAll(async () => {
  server = await startPrivateRedis();
  space = openRedisSpace(server.url);
  const monitor = await space.redis.monitor();
  // It ends with the server.
  monitor.on('error', () => undefined);
  monitor.on('monitor', (_time: string, args: string[]) => void told.push(args.join(' ')));
  connections = connectRedis({ url: server.url, log: makeLogger({ level: 'silent' }) });
  queue = makeRedisQueue(connections);
  model = await startFakeModel();
  const shortTerm = makeRedisShortTerm({ redis: connections.commands });
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl }, parts: { queue: queue.stack, shortTerm } });
});
afterAll(async () => {
  await app?.close();
  await model?.close();
  await queue?.close();
  await connections?.close();
  await server?.stop();
  space?.redis.disconnect();
});

test('a post goes from the request to the channel over Redis', async () => {
  model.setPlan(PUBLISHING);
  const task = await giveTask(app, adam.id, 'Announce the release');
  const card = await waitForCard(app, task);
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, task);
  expect(told.some((line) => line.includes(`step.run.${task.taskId}/publish`))).toBe(true);
});

test('nothing that people wrote is ever told to Redis: neither in a goal nor in an open question', async () => {
  model.setPlan(PUBLISHING.slice(0, 1));
  const task = await giveTask(app, olivia.id, `Write to ${PRIVATE[0]} or call ${PRIVATE[1]}`);
  await waitForDone(app, task);
  expect(listReplies(app, task.request).some((message) => textOf(message).includes(PRIVATE[0] ?? ''))).toBe(true);
  const said = app.telegram.say(bella.id, bella.id, `Remember ${PRIVATE[0]}`);
  app.telegram.say(bella.id, bella.id, '/task', { replyTo: said.message_id });
  await expect.poll(() => told.some((line) => line.startsWith('set') && line.includes('conversation:')), { timeout: 10_000 }).toBe(true);
  for (const value of [...PRIVATE, 'Write to', 'Remember']) expect(told.filter((line) => line.includes(value))).toEqual([]);
});

test('everything in Redis is deleted before a worker took the job: the sweeper finds the row', async () => {
  const bare = makeBench(() => queue.stack);
  await bare.makeBareQueue().pause();
  const task = await giveTask(app, adam.id, 'Say hello');
  const waiting = () => space.redis.exists(`{ags}:ags-work:step.run.${task.taskId}/plan.1`);
  await expect.poll(waiting).toBe(1);
  // The pause goes with the rest.
  await space.redis.flushall();
  const isDone = async () => (await app.sql('select status from public.tasks where task_id = $1', [task.taskId]))[0]?.status;
  await expect.poll(isDone, { timeout: 45_000, interval: 200 }).toBe('done');
  await bare.closeAll();
});

test('while Redis is away commands are answered, /ready names the queue, and what was given goes on afterwards', async () => {
  await server.kill();
  expect((await fetch(`${app.url}/ready`)).status).toBe(503);
  const task = await giveTask(app, adam.id, 'Say hello');
  await server.start();
  await waitForDone(app, task);
  await expect.poll(async () => (await fetch(`${app.url}/ready`)).status, { timeout: 10_000 }).toBe(200);
});
