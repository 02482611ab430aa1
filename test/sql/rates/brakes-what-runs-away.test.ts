import { afterAll, beforeEach, expect, test } from 'vitest';
import { reserveSpend } from '../../../src/store/budget.ts';
import { listLimits } from '../../../src/store/rates.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import {
  approveTask,
  authorize,
  claim,
  grant,
  openStory,
  runUntilKind,
  sendPart,
  settle,
  startTask,
  toHeld,
} from '../../support/stories.ts';
import { lastRecord, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory({
  rates: {
    tasks_per_person: { max: 3, per: '1h' },
    calls_per_engine: { max: 2, per: '1m' },
    effects_per_chat: { max: 1, per: '30m' },
  },
});
afterAll(() => db.close());
const bot = db.rpc('ags_bot');

beforeEach(() => db.sql('delete from public.rate_windows'));
const passTime = (interval: string) => db.sql('update public.rate_windows set opened_at = opened_at - $1::interval', [interval]);

test('a person gives so many tasks in an hour; then the refusal names the limit and when it is free again', async () => {
  for (let count = 0; count < 3; count += 1) await startTask(db, { by: PEOPLE.operator });
  const refused = startTask(db, { by: PEOPLE.operator });
  await expect(refused).rejects.toMatchObject({ code: 'rate_limited', context: { limit: 'tasks_per_person', max: 3 } });
  const [row] = await db.sql(
    `select to_jsonb(opened_at + interval '1 hour') #>> '{}' as free_at from public.rate_windows where limit_name = 'tasks_per_person'`,
  );
  await expect(refused).rejects.toMatchObject({ context: { freeAt: new Date(String(row?.free_at)).toISOString() } });
  expect(await lastRecord(db, 'system')).toMatchObject({
    actor: 'tg:111',
    action: 'task.refuse',
    after: { code: 'rate_limited', limit: 'tasks_per_person' },
  });
  // Another person has a window of their own.
  await startTask(db, { by: PEOPLE.owner });
  await passTime('59 minutes');
  await expect(startTask(db, { by: PEOPLE.operator })).rejects.toMatchObject({ code: 'rate_limited' });
  await passTime('1 minute');
  await startTask(db, { by: PEOPLE.operator });
});

test('the same request again costs nothing', async () => {
  for (let count = 0; count < 5; count += 1) await startTask(db, { by: PEOPLE.operator, key: 'the-same' });
  expect((await listLimits(bot, PEOPLE.operator)).rates.find(({ limit }) => limit === 'tasks_per_person')?.uses).toMatchObject([
    { used: 1 },
  ]);
});

test('an engine is called so often a minute; a refused call spends neither money nor another limit', async () => {
  const held = await claim(db, `${await startTask(db)}/plan`);
  const call = (engine: string) => reserveSpend(db.rpc('ags_worker'), toHeld(held), { engine, tokens: 10, costUsd: '0.001' });
  for (let count = 0; count < 2; count += 1) expect(await call('default')).toMatchObject({ isGranted: true });
  const refused = await call('default');
  expect(refused).toMatchObject({ isGranted: false, rate: { limit: 'calls_per_engine', subject: 'default', max: 2, perSeconds: 60 } });
  expect(refused.rate?.retryAfterMs).toBeGreaterThan(0);
  expect(await call('fast')).toMatchObject({ isGranted: true });
  const { rates } = await listLimits(bot, PEOPLE.operator);
  expect(rates.find(({ limit }) => limit === 'calls_per_agent')?.uses).toMatchObject([{ subject: 'planner', used: 3 }]);
  expect(await lastRecord(db, held.step.taskId)).toMatchObject({ action: 'rate.refuse' });
  expect(await db.sql('select count(*)::int as count from public.engine_calls where task_id = $1', [held.step.taskId])).toEqual([
    { count: 3 },
  ]);
});

test('a chat gets so many effects; an approved one waits, whole, and goes out when it is free again', async () => {
  await grant(db, (await approveTask(db)).taskId);
  const held = await runUntilKind(db, (await approveTask(db)).taskId, 'effect');
  expect(await authorize(db, held)).toMatchObject({
    verdict: 'limited',
    reasons: ['effects_per_chat'],
    effect: null,
    rate: { subject: String(PLACES.signals), max: 1, perSeconds: 1800 },
  });
  await passTime('30 minutes');
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go' });
});

test('one that certainly never left goes out again without being counted twice', async () => {
  const effect = await grant(db, (await approveTask(db)).taskId);
  await sendPart(db, effect.effectId, 1, 'refused');
  await settle(db, effect, 'again');
  const held = await claim(db, effect.held.step.stepId);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go' });
});

test('the emergency stop has no limit', async () => {
  for (let count = 0; count < 30; count += 1)
    expect(await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: '', scope: 'all' })).toMatchObject({ outcome: 'stopped' });
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
  expect(await db.sql('select 1 from public.rate_windows')).toEqual([]);
});

test('people see their own use, and that of agents, engines and chats', async () => {
  await startTask(db, { by: PEOPLE.operator });
  const own = (await listLimits(bot, PEOPLE.operator)).rates.find(({ limit }) => limit === 'tasks_per_person');
  expect(own).toMatchObject({ max: 3, perSeconds: 3600, uses: [{ used: 1 }] });
  const limits = await listLimits(bot, PEOPLE.reviewer);
  expect(limits.rates.find(({ limit }) => limit === 'tasks_per_person')?.uses).toEqual([]);
  expect(limits.rates.find(({ limit }) => limit === 'tasks_per_chat')?.uses).toMatchObject([{ subject: String(PEOPLE.operator), used: 1 }]);
  expect(limits).toMatchObject({ trading: { max_positions: 3 }, payments: { max_single_tx_usdt: '500' } });
  await passTime('1 hour');
  expect((await listLimits(bot, PEOPLE.operator)).rates.flatMap(({ uses }) => uses)).toEqual([]);
});
