import { afterAll, afterEach, expect, test } from 'vitest';
import { answerRunbook } from '../../src/store/runbooks.ts';
import { reachRetrieval, recall, retrieve } from '../sql/retrievals/support.ts';
import { begin } from '../sql/runbooks/support.ts';
import { ask, authorize, decide, finishWork, makeNode, REPLY_PLAN, runToEnd, runUntilKind, startTask } from '../support/stories.ts';
import { PEOPLE } from '../support/story-world.ts';
import { openRacingStory, race } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
afterEach(() => expect(db.countDeadlocks()).toBe(0));
const worker = db.rpc('ags_worker');
const NODES = [
  makeNode('retrieve', 'retriever', 'RETRIEVE'),
  makeNode('act', 'exec', 'DRAFT_REPLY', ['retrieve']),
  makeNode('publish', 'communicator', 'PUBLISH', ['act']),
];

/** A post on stale sources that people are asked about. */
async function askStale() {
  const held = await reachRetrieval(db, { nodes: NODES });
  await recall(db, held);
  await finishWork(db, held);
  return ask(db, held.step.taskId);
}

/** A run of memory-drift whose next step changes tasks. */
async function reachRedo() {
  await db.sql(`update public.runbook_runs set state = 'failed', ended_at = now(), next_at = null where state = 'running'`);
  const run = await begin(db, 'memory-drift');
  for (let ended = await run.advance(); ended.did !== 'compare'; ended = await run.advance()) {
    if (ended.ask?.what === 'search') await answerRunbook(worker, run.runId, 'search', { is_ok: true });
    if (ended.ask?.what !== 'compare') continue;
    const { after, artifacts } = ended.ask;
    const last = artifacts.at(-1)?.artifactId ?? null;
    await answerRunbook(worker, run.runId, 'compare', { after, last, checked: artifacts.length, wrong: [], missing: [] });
  }
  return run;
}

const requestOf = async (taskId: string) =>
  (await db.sql('select status from public.approval_requests where task_id = $1 order by version desc limit 1', [taskId]))[0]?.status;

test('what is done again is not let out, and what is let out is not done again', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < 6; round += 1) {
    const held = [];
    for (let nth = 0; nth < 3; nth += 1) {
      const { taskId, reference } = await askStale();
      await decide(db, reference, PEOPLE.owner);
      held.push(await runUntilKind(db, taskId, 'effect'));
    }
    const run = await reachRedo();
    // Some rounds give one of them a head start, so that both orders are seen.
    if (round % 3 === 0) await run.advance();
    const questions = Promise.all(held.map((step) => authorize(db, step).catch((thrown) => ({ verdict: String(thrown.code) }))));
    if (round % 3 === 1) await questions;
    const [answers] = await Promise.all([questions, run.advance()]);
    for (const [index, { verdict }] of answers.entries()) {
      const status = await requestOf(String(held[index]?.step.taskId));
      expect(`${verdict === 'go'} ${status}`).toBe(verdict === 'go' ? 'true approved' : 'false void');
      seen.add(verdict === 'go' ? 'let out' : 'done again');
    }
    await db.sql(`update public.effects set status = 'void', settled_at = now() where status = 'granted'`);
    await db.sql('delete from public.stale_retrievals');
  }
  expect([...seen].toSorted()).toEqual(['done again', 'let out']);
});

test('an approval that comes at the same moment counts for nothing once its request is void', async () => {
  for (let round = 0; round < 5; round += 1) {
    const { taskId, reference } = await askStale();
    const run = await reachRedo();
    const [decision] = await Promise.all([decide(db, reference, PEOPLE.owner), run.advance()]);
    expect(['approved', 'refused']).toContain(decision.outcome);
    expect(await requestOf(taskId)).toBe('void');
    expect(
      await db.sql(`select 1 from public.task_steps where task_id = $1 and kind = 'effect' and status <> 'pending'`, [taskId]),
    ).toEqual([]);
  }
});

test('many searches of one chat at once leave one answer for each question', async () => {
  const done = await startTask(db, { nodes: REPLY_PLAN });
  await runToEnd(db, done, { nodes: REPLY_PLAN });
  const held = await race(8, () => reachRetrieval(db));
  await db.sql('delete from public.retrieval_cache');
  for (let round = 0; round < 5; round += 1)
    await Promise.all(held.flatMap((one) => [retrieve(db, one), retrieve(db, one, 'do retrieve')]));
  expect(await db.sql('select chat_id::int as chat, count(*)::int as count from public.retrieval_cache group by chat_id')).toEqual([
    { chat: PEOPLE.operator, count: 2 },
  ]);
});
