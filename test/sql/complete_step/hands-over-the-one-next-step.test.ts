import { afterAll, expect, test } from 'vitest';
import { sha256 } from '../../../src/domain/ids.ts';
import { completeStep } from '../../../src/store/steps.ts';
import { listTaskArtifacts } from '../../../src/store/tasks.ts';
import { claim, finishWork, HOLDER, makeNode, openStory, planTask, REPLY_PLAN, toHeld } from '../../support/stories.ts';
import { makeArtifact } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');
const note = (text: string) => makeArtifact('note.md', 'note', text);

test('the same worker goes on where there is exactly one next step, and sees what was made', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  const held = await claim(db, `${taskId}/retrieve`);
  const { next, deliver } = await completeStep(worker, {
    ...toHeld(held),
    inputHash: sha256('x'),
    isRehearsal: false,
    holder: HOLDER,
    artifacts: [note('found')],
  });
  expect(next?.step).toMatchObject({ nodeId: 'act', attemptCount: 1 });
  expect(next?.inputs).toMatchObject([{ nodeId: 'retrieve', content: 'found' }, { nodeId: null }]);
  expect(deliver.filter(({ job }) => job === 'step.run')).toEqual([]);
  const [row] = await db.sql(`select idempotency_key, output_ref from public.task_steps where step_id = $1`, [held.step.stepId]);
  expect(row).toEqual({ idempotency_key: `${taskId}:retrieve:${sha256('x').slice(0, 16)}`, output_ref: `supa://tasks/${taskId}/note.md` });
});

test('branches run side by side, and their join waits for the last of them', async () => {
  const nodes = [
    makeNode('a', 'researcher', 'RESEARCH'),
    makeNode('b', 'retriever', 'RETRIEVE'),
    makeNode('c', 'exec', 'SUMMARIZE', ['a', 'b']),
  ];
  const taskId = await planTask(db, { nodes });
  const [a, b] = [await claim(db, `${taskId}/a`), await claim(db, `${taskId}/b`)];
  const first = await finishWork(db, a);
  expect(first.deliver.filter(({ job }) => job === 'step.run')).toEqual([]);
  const second = await finishWork(db, b);
  expect(second.deliver).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${taskId}/c` }));
  expect((await claim(db, `${taskId}/c`)).inputs.map(({ nodeId }) => nodeId)).toEqual(['a', 'b', null]);
});

test('a second completion is refused, and stores nothing', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  const held = await claim(db, `${taskId}/retrieve`);
  await finishWork(db, held);
  const before = await listTaskArtifacts(worker, taskId);
  await expect(finishWork(db, held)).rejects.toMatchObject({ code: 'lease_lost' });
  expect(await listTaskArtifacts(worker, taskId)).toEqual(before);
});

test('a later version of a name gets a number', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  const held = await claim(db, `${taskId}/retrieve`);
  const artifacts = ['one', 'two', 'three'].map(note);
  await completeStep(worker, { ...toHeld(held), inputHash: sha256('x'), isRehearsal: true, holder: null, artifacts });
  const refs = (await listTaskArtifacts(worker, taskId)).map(({ storageRef }) => storageRef);
  expect(refs).toEqual(expect.arrayContaining(['note.md', 'note.2.md', 'note.3.md'].map((name) => `supa://tasks/${taskId}/${name}`)));
});

test('steps of other kinds end in their own way', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  await finishWork(db, await claim(db, `${taskId}/retrieve`));
  await finishWork(db, await claim(db, `${taskId}/act`));
  await expect(finishWork(db, await claim(db, `${taskId}/critic`))).rejects.toMatchObject({ code: 'state_conflict' });
});
