import { afterAll, beforeEach, expect, test } from 'vitest';
import { claimStep } from '../../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { claim, finishWork, HOLDER, loadTask, openStory, planTask, REPLY_PLAN, runToEnd, startTask } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const worker = db.rpc('ags_worker');
const stop = (scope: 'effects' | 'all') => stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope });

beforeEach(async () => {
  for (const externalId of [PEOPLE.operator, PEOPLE.owner]) await resumeEffects(bot, { externalId, reason: '' });
});

test('T2 waits before its next step, also inline; T1 and intake go on', async () => {
  const post = await planTask(db);
  const held = await claim(db, `${post}/act`);
  await stop('effects');
  const { next, deliver } = await finishWork(db, held);
  expect(next).toBeNull();
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${post}/critic` }));
  expect(await claimStep(worker, `${post}/critic`, HOLDER)).toBeNull();
  expect(await loadTask(db, post)).toMatchObject({ isWaitingForStop: true });
  const reply = await planTask(db, { nodes: REPLY_PLAN });
  expect(await runToEnd(db, reply, { nodes: REPLY_PLAN })).toMatchObject({ status: 'done' });
});

test('a stop of everything holds T0 and T1 too', async () => {
  const taskId = await startTask(db);
  await stop('all');
  expect(await claimStep(worker, `${taskId}/plan`, HOLDER)).toBeNull();
  await resumeEffects(bot, { externalId: PEOPLE.operator, reason: '' });
  const { outcome, deliver } = await resumeEffects(bot, { externalId: PEOPLE.owner, reason: '' });
  expect(outcome).toBe('resumed');
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/plan` }));
  expect(await claimStep(worker, `${taskId}/plan`, HOLDER)).not.toBeNull();
});
