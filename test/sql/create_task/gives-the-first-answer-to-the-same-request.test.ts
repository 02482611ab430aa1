import { afterAll, expect, test } from 'vitest';
import { createTask, type NewTask } from '../../../src/store/tasks.ts';
import { openStory } from '../../support/stories.ts';
import { listActions, makeArtifact, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());

const ask = (key: string, text: string, change: Partial<NewTask> = {}) =>
  createTask(db.rpc('ags_bot'), {
    source: 'telegram',
    sourceKey: key,
    actor: `tg:${PEOPLE.operator}`,
    externalId: PEOPLE.operator,
    goal: text,
    input: makeArtifact('input.md', 'input', text),
    chatId: PEOPLE.operator,
    topicId: null,
    requestMessageId: 7,
    ...change,
  });

test('the same request again is the same task, and nothing new to deliver', async () => {
  const first = await ask('update-1', 'Look at gold');
  expect(first).toMatchObject({ isNew: true, deliver: [{ job: 'step.run', id: `${first.taskId}/plan`, seq: 1 }] });
  expect(await ask('update-1', 'Look at gold')).toMatchObject({ taskId: first.taskId, isNew: false, deliver: [] });
  expect(await listActions(db, first.taskId)).toEqual(['task.create']);
});

test('the same key with other content is refused', async () => {
  const { taskId } = await ask('update-2', 'Look at gold');
  await expect(ask('update-2', 'Sell everything')).rejects.toMatchObject({ code: 'idempotency_conflict', context: { task_id: taskId } });
});

test('the same key from another source is another task', async () => {
  const { taskId } = await ask('alert-3', 'Look at gold');
  const other = await ask('alert-3', 'Look at gold', { source: 'webhook', actor: 'webhook:tradingview', externalId: null });
  expect(other).toMatchObject({ isNew: true });
  expect(other.taskId).not.toBe(taskId);
});

test('a content that is not what its checksum says is refused', async () => {
  const input = { ...makeArtifact('input.md', 'input', 'Look at gold'), content: 'Sell everything' };
  await expect(ask('update-4', 'Look at gold', { input })).rejects.toMatchObject({ code: 'input_invalid' });
  const large = makeArtifact('input.md', 'input', 'x'.repeat(32_769));
  await expect(ask('update-4', 'Look at gold', { input: large })).rejects.toMatchObject({ code: 'input_invalid' });
  expect(await db.sql(`select 1 from public.tasks where source_key = 'update-4'`)).toEqual([]);
});

test.each(['', '   ', 'x'.repeat(4001)])('a goal of no or too many characters is refused (%#)', async (goal) => {
  const input = makeArtifact('input.md', 'input', 'Look at gold');
  await expect(ask('update-5', goal, { input })).rejects.toMatchObject({ code: 'input_invalid' });
});
