import { afterAll, beforeEach, expect, test } from 'vitest';
import { listBreakers, reportBreaker } from '../../../src/store/breakers.ts';
import { answerRunbook } from '../../../src/store/runbooks.ts';
import { claimStep } from '../../../src/store/steps.ts';
import {
  ask,
  askTask,
  claim,
  decide,
  finishWork,
  grant,
  HOLDER,
  loadTask,
  makeNode,
  openRequest,
  openStory,
  REPLY_PLAN,
  runToEnd,
  runUntilKind,
  showStaged,
  startTask,
} from '../../support/stories.ts';
import { listActions, PEOPLE } from '../../support/story-world.ts';
import { listMarks, reachRetrieval, recall, retrieve } from '../retrievals/support.ts';
import { begin, propose } from './support.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const NODES = [
  makeNode('retrieve', 'retriever', 'RETRIEVE'),
  makeNode('act', 'exec', 'DRAFT_REPLY', ['retrieve']),
  makeNode('publish', 'communicator', 'PUBLISH', ['act']),
];

beforeEach(() =>
  db.sql(`delete from public.stale_retrievals; delete from public.retrieval_cache; delete from public.breakers;
    update public.runbook_runs set state = 'failed', ended_at = now(), next_at = null where state = 'running'`),
);

/** A post whose retrieval had to do without the search. */
async function beginStale(): Promise<string> {
  const held = await reachRetrieval(db, { nodes: NODES });
  await recall(db, held);
  await finishWork(db, held);
  return held.step.taskId;
}

async function beginRun() {
  const run = await begin(db, 'memory-drift');
  const answerSearch = async (is_ok: boolean) => {
    expect(await run.advance()).toMatchObject({ did: null, ask: { what: 'search' } });
    await answerRunbook(worker, run.runId, 'search', { is_ok });
    return run.advance();
  };
  const compareAll = async () => {
    for (let ended = await run.advance(); ended.did !== 'compare'; ended = await run.advance()) {
      if (ended.ask?.what !== 'compare') throw new Error('nothing to compare');
      const { after, artifacts } = ended.ask;
      await answerRunbook(worker, run.runId, 'compare', {
        after,
        last: artifacts.at(-1)?.artifactId ?? null,
        checked: artifacts.length,
        wrong: [],
        missing: [],
      });
    }
  };
  /** Everything up to the step that changes tasks. */
  const reachRedo = async () => {
    await answerSearch(true);
    expect(await run.advance()).toMatchObject({ did: 'forget' });
    expect(await run.advance()).toMatchObject({ did: 'embed' });
    await compareAll();
  };
  return { ...run, answerSearch, compareAll, reachRedo };
}

const requestsOf = (taskId: string) =>
  db.sql('select status, void_reason from public.approval_requests where task_id = $1 order by version', [taskId]);
const statusOf = async (stepId: string) => (await db.sql('select status from public.task_steps where step_id = $1', [stepId]))[0]?.status;

test('the dry run says what would be done, and does nothing', async () => {
  const taskId = await beginStale();
  await openRequest(db, taskId);
  const { run } = await propose(db, 'memory-drift');
  expect(run?.steps.map(({ name }) => name)).toEqual(['search', 'forget', 'embed', 'compare', 'redo', 'watch']);
  expect(run?.steps[2]?.plan).toBe('nothing: no text is embedded yet');
  expect(run?.steps[4]?.plan).toBe(
    'have 1 unfinished tasks search and be judged again, and ask anew about 1 of them; nothing on stale sources is out',
  );
  expect(await listMarks(db)).toHaveLength(1);
  expect(await requestsOf(taskId)).toEqual([{ status: 'staging', void_reason: null }]);
});

test('nothing goes on before the search answers', async () => {
  const taskId = await beginStale();
  const run = await beginRun();
  expect(await run.answerSearch(false)).toMatchObject({ did: 'search', isOver: true });
  expect(await run.load()).toMatchObject({
    state: 'failed',
    steps: [{ result: expect.stringContaining('does not answer') }, {}, {}, {}, {}, {}],
  });
  expect(await statusOf(`${taskId}/retrieve`)).toBe('done');
});

test('while its breaker is open it waits, and then it asks', async () => {
  for (let nth = 0; nth < 5; nth += 1) await reportBreaker(worker, { name: 'search', holder: 'w1', code: 'store_failed' });
  expect(await listBreakers(worker)).toMatchObject([{ name: 'search', state: 'open' }]);
  expect(await db.sql(`select runbook from public.incidents where fingerprint = 'breaker_open:search'`)).toEqual([
    { runbook: 'memory-drift' },
  ]);
  const run = await beginRun();
  expect(await run.advance()).toMatchObject({ did: null, waitMs: 5_000, ask: null });
  await db.sql(`update public.breakers set opened_at = opened_at - interval '2 minutes'`);
  expect(await run.advance()).toMatchObject({ did: null, waitMs: 0, ask: { what: 'search' } });
});

test('what waits for approval is void, searches, is judged and asked about anew; the draft stays as it is', async () => {
  const taskId = await beginStale();
  await showStaged(db, await openRequest(db, taskId));
  const { steps: before } = await loadTask(db, taskId);
  const run = await beginRun();
  await run.reachRedo();
  const redone = await run.advance();
  expect(redone).toMatchObject({ did: 'redo', deliver: expect.arrayContaining([expect.objectContaining({ id: `${taskId}/retrieve` })]) });
  expect(await requestsOf(taskId)).toEqual([{ status: 'void', void_reason: 'its sources were stale' }]);
  expect(await run.advance()).toMatchObject({ did: null, waitMs: 5_000 });

  const held = await claim(db, `${taskId}/retrieve`);
  await retrieve(db, held);
  await finishWork(db, held);
  await openRequest(db, taskId);
  expect(await requestsOf(taskId)).toEqual([
    { status: 'void', void_reason: 'its sources were stale' },
    { status: 'staging', void_reason: null },
  ]);
  expect(await listMarks(db)).toEqual([]);
  const { steps: after } = await loadTask(db, taskId);
  const endOf = (steps: typeof after, nodeId: string) => steps.find((step) => step.nodeId === nodeId)?.endedAt;
  expect(endOf(after, 'act')).toBe(endOf(before, 'act'));
  expect(endOf(after, 'critic')).not.toBe(endOf(before, 'critic'));
  expect(await listActions(db, taskId)).toEqual(expect.arrayContaining(['retrieval.stale', 'approval.void', 'retrieval.redo']));
  expect(await run.advance()).toMatchObject({ did: 'watch', isOver: true });
  const { state, steps } = await run.load();
  expect(state).toBe('done');
  expect(steps[5]?.result).toBe(
    'of 1 tasks 1 have searched and been judged again, 0 are still at it, 0 are stale again; nothing on stale sources is out',
  );
});

test('who writes on the old sources has lost the step, and writes on the new ones', async () => {
  const taskId = await beginStale();
  const writing = await claim(db, `${taskId}/act`);
  const run = await beginRun();
  await run.reachRedo();
  await run.advance();
  await expect(finishWork(db, writing)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await statusOf(`${taskId}/act`)).toBe('pending');
  expect(await claimStep(worker, `${taskId}/act`, HOLDER)).toBeNull();
  await openRequest(db, taskId);
  expect(await statusOf(`${taskId}/act`)).toBe('done');
});

test('an approval that let nothing out yet is void; what has left is listed and left alone', async () => {
  const approved = await beginStale();
  const request = await openRequest(db, approved);
  await showStaged(db, request);
  await decide(db, request.reference, PEOPLE.secondOperator);
  const sent = await reachRetrieval(db, { nodes: REPLY_PLAN });
  await recall(db, sent);
  await finishWork(db, sent);
  await runToEnd(db, sent.step.taskId, { nodes: REPLY_PLAN });
  const run = await beginRun();
  await run.reachRedo();
  await run.advance();
  expect((await run.load()).steps[4]?.result).toBe(
    `1 tasks search and are judged again, 1 of them were being asked about and are asked anew; out on stale sources, for people to look at: 1 (${sent.step.taskId})`,
  );
  expect(await requestsOf(approved)).toEqual([{ status: 'void', void_reason: 'its sources were stale' }]);
  expect(await db.sql(`select status from public.task_steps where task_id = $1 and kind = 'effect'`, [approved])).toEqual([
    { status: 'pending' },
  ]);
  expect(await loadTask(db, sent.step.taskId)).toMatchObject({ status: 'done' });
});

test('what the gate has let out is nobody’s to take back, also before it has arrived', async () => {
  const taskId = await beginStale();
  const { reference } = await ask(db, taskId);
  await decide(db, reference, PEOPLE.secondOperator);
  const { effectId } = await grant(db, taskId);
  const run = await beginRun();
  await run.reachRedo();
  await run.advance();
  expect((await run.load()).steps[4]?.result).toMatch(/^0 tasks search .* for people to look at: \d+ \(.*T-/);
  expect(await requestsOf(taskId)).toEqual([{ status: 'approved', void_reason: null }]);
  expect(await db.sql('select status from public.effects where effect_id = $1', [effectId])).toEqual([{ status: 'granted' }]);
  expect(await statusOf(`${taskId}/retrieve`)).toBe('done');
});

test('a gate that was passed over is asked again whether it is needed', async () => {
  const held = await reachRetrieval(db, { nodes: REPLY_PLAN });
  await recall(db, held);
  await finishWork(db, held);
  await runUntilKind(db, held.step.taskId, 'effect', { nodes: REPLY_PLAN });
  const run = await beginRun();
  await run.reachRedo();
  await run.advance();
  const { steps } = await loadTask(db, held.step.taskId);
  expect(steps.filter(({ kind }) => kind === 'critic' || kind === 'effect').map(({ status }) => status)).toEqual(['pending', 'pending']);
  expect(await runToEnd(db, held.step.taskId, { nodes: REPLY_PLAN })).toMatchObject({ status: 'done' });
});

test('a search that fails once more ends the run as failed', async () => {
  const taskId = await beginStale();
  const run = await beginRun();
  await run.reachRedo();
  await run.advance();
  const held = await claim(db, `${taskId}/retrieve`);
  await recall(db, held, 'retrieve', 'too_slow');
  await finishWork(db, held);
  await openRequest(db, taskId);
  expect(await run.advance()).toMatchObject({ did: 'watch', isOver: true });
  expect((await run.load()).state).toBe('failed');
  expect((await run.load()).steps[5]?.result).toContain('1 are stale again');
});

test('bytes that are not what they were are named, and an incident; the same answer twice counts once', async () => {
  await startTask(db);
  const run = await beginRun();
  await run.answerSearch(true);
  await run.advance();
  await run.advance();
  const { ask } = await run.advance();
  if (ask?.what !== 'compare') throw new Error('nothing to compare');
  const [first, second] = ask.artifacts.map(({ storageRef }) => storageRef);
  const answer = { after: ask.after, last: ask.artifacts.at(-1)?.artifactId ?? null, checked: ask.artifacts.length };
  for (let nth = 0; nth < 2; nth += 1)
    await answerRunbook(worker, run.runId, 'compare', { ...answer, wrong: [String(first)], missing: [String(second)] });
  await run.compareAll();
  const [{ count } = {}] = await db.sql('select least(count(*), 500)::int as count from public.artifacts');
  expect((await run.load()).steps[3]?.result).toBe(
    `${count} artifacts compared: 1 are not what they were, 1 are gone: ${first}, ${second}`,
  );
  expect(await db.sql(`select severity, occurrence_count from public.incidents where fingerprint = 'row_tampered:storage'`)).toEqual([
    { severity: 'critical', occurrence_count: 1 },
  ]);
});

test('a row whose text was changed is found', async () => {
  const { taskId } = await askTask(db);
  await db.sql(`update public.artifacts set content = 'other' where task_id = $1 and type = 'draft'`, [taskId]);
  const run = await beginRun();
  await run.answerSearch(true);
  await run.advance();
  await run.advance();
  const { ask } = await run.advance();
  const wrong = ask?.what === 'compare' ? ask.artifacts.filter(({ isRowWhole }) => !isRowWhole) : [];
  expect(wrong.map(({ storageRef }) => storageRef)).toEqual([expect.stringContaining(taskId)]);
});
