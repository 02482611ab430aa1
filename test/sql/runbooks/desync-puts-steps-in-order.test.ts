import { afterAll, expect, test } from 'vitest';
import {
  askTask,
  claim,
  finishWork,
  handInPlan,
  loadTask,
  openStory,
  PUBLISH_PLAN,
  REPLY_PLAN,
  runToEnd,
  startTask,
} from '../../support/stories.ts';
import { listActions } from '../../support/story-world.ts';
import { begin, propose } from './support.ts';

const db = await openStory();
afterAll(() => db.close());

/** A task whose first work is done and whose next one is ready. */
async function reachSecondStep() {
  const taskId = await startTask(db, { nodes: REPLY_PLAN });
  await handInPlan(db, await claim(db, `${taskId}/plan`), REPLY_PLAN);
  await finishWork(db, await claim(db, `${taskId}/retrieve`));
  return taskId;
}

const stateOf = async (stepId: string) =>
  (await db.sql('select status, output_ref from public.task_steps where step_id = $1', [stepId]))[0];
const repair = async () => {
  const run = await begin(db, 'desync');
  await run.advance();
  const { deliver } = await run.advance();
  const { steps } = await run.load();
  await db.sql(`update public.runbook_runs set state = 'failed', ended_at = now(), next_at = null where state = 'running'`);
  return { deliver, results: steps.map(({ result }) => result) };
};

test('nothing is out of order, and nothing is changed', async () => {
  const taskId = await reachSecondStep();
  const before = await loadTask(db, taskId);
  expect((await repair()).results.slice(0, 2)).toEqual([
    'nothing is out of order',
    '0 tasks put in order, 0 outputs found again; nothing is left for people',
  ]);
  expect((await loadTask(db, taskId)).steps).toEqual(before.steps);
});

test('an output that is gone is taken from the newest good artifact; without one the step is done again', async () => {
  const kept = await reachSecondStep();
  const lost = await reachSecondStep();
  const good = (await stateOf(`${kept}/retrieve`))?.output_ref;
  await db.sql('update public.task_steps set output_ref = null where step_id = any ($1)', [[`${kept}/retrieve`, `${lost}/retrieve`]]);
  await db.sql('update public.artifacts set step_id = null where step_id = $1', [`${lost}/retrieve`]);
  expect((await propose(db, 'desync')).run?.steps[0]?.plan).toContain('2 × lost_output');
  const { results, deliver } = await repair();
  expect(results[1]).toContain('2 tasks put in order, 1 outputs found again');
  expect(await stateOf(`${kept}/retrieve`)).toEqual({ status: 'done', output_ref: good });
  expect(await stateOf(`${lost}/retrieve`)).toMatchObject({ status: 'ready' });
  expect(await stateOf(`${lost}/act`)).toMatchObject({ status: 'pending' });
  expect(deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${lost}/retrieve` }));
  expect(await listActions(db, lost)).toContain('runbook.rebuild');
  expect(await runToEnd(db, lost, { nodes: REPLY_PLAN })).toMatchObject({ status: 'done' });
});

test('a step that runs too early waits again, its worker is fenced; one that nobody woke is woken', async () => {
  const early = await reachSecondStep();
  const held = await claim(db, `${early}/act`);
  await db.sql(`update public.task_steps set status = 'ready', ended_at = null where step_id = $1`, [`${early}/retrieve`]);
  const stuck = await reachSecondStep();
  await db.sql(`update public.task_steps set status = 'pending' where step_id = $1`, [`${stuck}/act`]);
  const { results } = await repair();
  expect(results[0]).toMatch(/1 × stuck .*; 1 × too_early/);
  expect(await stateOf(`${early}/act`)).toMatchObject({ status: 'pending' });
  await expect(finishWork(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await stateOf(`${stuck}/act`)).toMatchObject({ status: 'ready' });
  for (const taskId of [early, stuck]) expect(await runToEnd(db, taskId, { nodes: REPLY_PLAN })).toMatchObject({ status: 'done' });
});

test('what people were asked about is told to people and left as it is', async () => {
  const { taskId } = await askTask(db, { nodes: PUBLISH_PLAN });
  await db.sql(`update public.task_steps set output_ref = null where step_id = $1`, [`${taskId}/act`]);
  const { results } = await repair();
  expect(results[1]).toContain(`1 findings are for people: {${taskId}}`);
  expect(await stateOf(`${taskId}/act`)).toMatchObject({ status: 'done', output_ref: null });
  await db.sql(`update public.tasks set status = 'cancelled', ended_at = now() where task_id = $1`, [taskId]);
});

test('it nudges what is ready, watches for ten minutes, and reports', async () => {
  const taskId = await reachSecondStep();
  const run = await begin(db, 'desync');
  await run.advance();
  await run.advance();
  const reopened = await run.advance();
  expect(reopened).toMatchObject({ did: 'reopen', deliver: expect.arrayContaining([expect.objectContaining({ id: `${taskId}/act` })]) });
  const { isOver, waitMs, did } = await run.advance();
  expect({ isOver, did }).toEqual({ isOver: false, did: null });
  expect(waitMs).toBeGreaterThan(590_000);
  await db.sql(`update public.runbook_steps set started_at = started_at - interval '10 minutes' where name = 'watch'`);
  expect(await run.advance()).toMatchObject({ isOver: true, did: 'watch' });
  expect(await run.load()).toMatchObject({ state: 'done' });
  expect((await run.load()).steps[3]?.result).toMatch(/^in ten minutes: \d+ steps ended, P95 \S+ ms, 0 duplicates; /);
  expect(await run.advance()).toMatchObject({ isOver: true, did: null });
});
