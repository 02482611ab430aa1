import { afterAll, afterEach, expect, test } from 'vitest';
import { beginAttempt } from '../../src/store/effects.ts';
import { claimStep } from '../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../src/store/stop.ts';
import { approveTask, authorize, claim, grant, loadFence, sendPart, settle, startTask } from '../support/stories.ts';
import { PEOPLE } from '../support/story-world.ts';
import { countBy, openRacingStory, race } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
afterEach(() => expect(db.countDeadlocks()).toBe(0));
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');
const stop = () => stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
async function resume() {
  await resumeEffects(bot, { externalId: PEOPLE.operator, reason: '' });
  expect(await resumeEffects(bot, { externalId: PEOPLE.owner, reason: '' })).toMatchObject({ outcome: 'resumed' });
}

test('of twenty workers one gets the step', async () => {
  for (let round = 0; round < 10; round += 1) {
    const taskId = await startTask(db);
    const claims = await race(20, (index) => claimStep(worker, `${taskId}/plan`, { worker: `worker-${index}`, leaseSeconds: 60 }));
    expect(claims.filter((held) => held !== null)).toHaveLength(1);
  }
});

test('of twenty questions the gate answers one with go, and of twenty tries one begins', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { taskId } = await approveTask(db);
    const held = await claim(db, `${taskId}/publish`);
    const answers = await race(20, () => authorize(db, held));
    expect(countBy(answers.map(({ verdict }) => verdict))).toEqual({ go: 1, exists: 19 });
    const effectId = String(answers[0]?.effect?.effectId);
    expect(await db.sql('select effect_id from public.effects where task_id = $1', [taskId])).toEqual([{ effect_id: effectId }]);
    const tries = await race(20, () => beginAttempt(worker, { effectId, fence: held.step.fence, part: 1 }));
    expect(countBy(tries.map(({ code }) => code))).toEqual({ null: 1, already_sent: 19 });
  }
});

test('of twenty ends one counts', async () => {
  const effect = await grant(db, (await approveTask(db)).taskId);
  await sendPart(db, effect.effectId, 1, 'done');
  const ends = await race(20, () =>
    settle(db, effect, 'done').then(
      () => 'done',
      (thrown) => String(thrown.code),
    ),
  );
  expect(countBy(ends)).toEqual({ done: 1, lease_lost: 19 });
  expect(await db.sql(`select 1 from public.events where type = 'PUBLISH_OK'`)).toHaveLength(1);
});

test('once a stop has answered nothing is granted any more, and it names everything that was', async () => {
  const verdicts: string[] = [];
  for (let round = 0; round < 100; round += 1) {
    await db.sql(`update public.effects set status = 'void', settled_at = now() where status = 'granted'`);
    const held = await race(3, async () => claim(db, `${(await approveTask(db)).taskId}/publish`));
    // Some rounds give the grants a head start, so that both orders are seen.
    const questions = held.map((step) => authorize(db, step));
    if (round % 3 === 1) await questions[0];
    const stopped = await stop();
    const answers = await Promise.all(questions);
    verdicts.push(...answers.map(({ verdict }) => verdict));
    const granted = answers.flatMap(({ verdict, effect }) => (verdict === 'go' && effect ? [effect.effectId] : []));
    expect(stopped.inFlight.map(({ effectId }) => effectId).toSorted()).toEqual(granted.toSorted());
    const late = await Promise.all(held.map((step) => authorize(db, step)));
    expect(new Set(late.map(({ verdict }) => verdict))).toEqual(new Set(['stopped']));
    for (const effectId of granted)
      expect(await beginAttempt(worker, { effectId, fence: await loadFence(db, effectId), part: 1 })).toMatchObject({
        isGo: false,
        code: 'stopped',
      });
    await resume();
  }
  const [row] = await db.sql(
    `select count(*)::int as late from public.effects e join public.stops s on s.generation > e.generation where e.granted_at >= s.stopped_at`,
  );
  expect(row).toEqual({ late: 0 });
  expect(countBy(verdicts)).toMatchObject({ go: expect.any(Number), stopped: expect.any(Number) });
}, 120_000);

test('a stop gets through while everybody else keeps the gate busy', async () => {
  let isOver = false;
  const busy = race(20, async () => {
    while (!isOver) await claimStep(worker, 'T-2025-01-01-0001/plan', { worker: 'w', leaseSeconds: 60 });
  });
  const waitsMs: number[] = [];
  for (let round = 0; round < 10; round += 1) {
    const startedAt = performance.now();
    await stop();
    waitsMs.push(performance.now() - startedAt);
    await resume();
  }
  isOver = true;
  await busy;
  expect(Math.max(...waitsMs)).toBeLessThan(2000);
});
