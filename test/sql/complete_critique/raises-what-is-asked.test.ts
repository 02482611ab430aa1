import { afterAll, expect, test } from 'vitest';
import { editRequest } from '../../../src/store/approvals.ts';
import {
  approve,
  ask,
  authorize,
  claim,
  FULL_MARKS,
  finishWork,
  handInCritique,
  loadTask,
  openStory,
  planTask,
  REPLY_PLAN,
  runUntilKind,
  type TaskOptions,
} from '../../support/stories.ts';
import { changePolicy, listActions, makeArtifact, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const { operator, owner, reviewer } = PEOPLE;
const INJECTION = [{ where: 'the file notes.txt', signals: ['ignore_instructions'] }];

/** A task whose material gives orders to a model, judged. */
async function judged(options: TaskOptions = {}) {
  const taskId = await planTask(db, options);
  const outcome = await handInCritique(db, await runUntilKind(db, taskId, 'critic'), { injection: INJECTION, ...options });
  return { taskId, outcome };
}
const needsOf = async (taskId: string) => (await loadTask(db, taskId)).requests.at(-1)?.verdict.items.map(({ requirement }) => requirement);

test('an answer (T1) waits for an operator, and goes out after the yes', async () => {
  const { taskId, outcome } = await judged({ nodes: REPLY_PLAN });
  expect(outcome.outcome).toBe('passed');
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'awaiting_approval', tier: 'T1' });
  const { reference } = await ask(db, taskId);
  expect(await needsOf(taskId)).toEqual(['critic_pass', 'operator_approval', 'staged_copy']);
  expect(await approve(db, reference, reviewer)).toMatchObject({ outcome: 'refused', code: 'no_role' });
  expect(await approve(db, reference, operator)).toMatchObject({ outcome: 'approved' });
  expect(await authorize(db, await claim(db, `${taskId}/reply`))).toMatchObject({ verdict: 'go' });
  expect(await listActions(db, taskId)).toContain('demands.raise');
});

test('an answer without such material goes on its own', async () => {
  const { taskId } = await judged({ nodes: REPLY_PLAN, injection: [] });
  expect(await authorize(db, await claim(db, `${taskId}/reply`))).toMatchObject({ verdict: 'go' });
  expect(await listActions(db, taskId)).not.toContain('demands.raise');
});

test('the gate asks for the operator itself, whatever became of the step before it', async () => {
  const { taskId } = await judged({ nodes: REPLY_PLAN, injection: [] });
  const held = await claim(db, `${taskId}/reply`);
  await db.sql(`update public.task_steps set verdict = verdict || $2 where step_id = $1`, [
    `${taskId}/critic`,
    JSON.stringify({ injection: INJECTION }),
  ]);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'refused', reasons: ['approvals'] });
});

test('a post (T2) takes the people of T3, and its bar of the critic', async () => {
  const { taskId } = await judged();
  const { reference } = await ask(db, taskId);
  expect(reference).toMatch(/^T2-/);
  expect(await needsOf(taskId)).toEqual([
    'critic_pass',
    'critic>=0.8',
    'operator_approval',
    'critic>=0.9',
    'owner_approval',
    'staged_copy',
  ]);
  expect(await approve(db, reference, operator)).toMatchObject({ outcome: 'recorded' });
  expect(await approve(db, reference, owner)).toMatchObject({ outcome: 'approved' });
  expect(await authorize(db, await claim(db, `${taskId}/publish`))).toMatchObject({ verdict: 'go' });
});

test('eight points pass a post, and do not where the material gives orders', async () => {
  const critique = { ...FULL_MARKS, clarity: 1 };
  expect((await judged({ critique, injection: [] })).outcome.outcome).toBe('passed');
  expect((await judged({ critique })).outcome.outcome).toBe('revise');
});

test('T3 keeps what it asks', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const { taskId } = await judged();
  await ask(db, taskId);
  expect(await needsOf(taskId)).toEqual([
    'critic_pass',
    'critic>=0.9',
    'operator_approval',
    'owner_approval',
    'dry_run_required',
    'staged_copy',
  ]);
  expect(await listActions(db, taskId)).not.toContain('demands.raise');
  await changePolicy(db, {});
});

test('what was found stays found: in a revision, and after a person’s edit', async () => {
  const { taskId, outcome } = await judged({ nodes: REPLY_PLAN, critique: { ...FULL_MARKS, factuality: 0 } });
  expect(outcome.outcome).toBe('revise');
  await finishWork(db, await claim(db, `${taskId}/act`));
  await handInCritique(db, await runUntilKind(db, taskId, 'critic'));
  const { reference } = await ask(db, taskId);
  const artifact = makeArtifact('edited.md', 'draft', 'What people wrote');
  expect(await editRequest(db.rpc('ags_bot'), { reference, externalId: operator, artifact })).toMatchObject({ outcome: 'edited' });
  await handInCritique(db, await runUntilKind(db, taskId, 'critic'));
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'awaiting_approval' });
  expect((await listActions(db, taskId)).filter((action) => action === 'demands.raise')).toHaveLength(1);
});

test('a list of findings that is none is refused', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  const held = await runUntilKind(db, taskId, 'critic');
  // The compiler would not let it through; a worker of another version might.
  const injection = {} as unknown as [];
  await expect(handInCritique(db, held, { injection })).rejects.toMatchObject({ code: 'input_invalid' });
});
