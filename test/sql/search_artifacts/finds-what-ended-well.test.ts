import { afterAll, expect, test } from 'vitest';
import { searchArtifacts } from '../../../src/store/steps.ts';
import { openStory, planTask, REPLY_PLAN, runToEnd, startTask } from '../../support/stories.ts';

const db = await openStory();
afterAll(() => db.close());
const search = (query: string, limit = 10) => searchArtifacts(db.rpc('ags_worker'), { query, taskId: 'T-2025-01-01-0001', limit });

const done = await planTask(db, { nodes: REPLY_PLAN });
await runToEnd(db, done);
await startTask(db, { goal: 'retrieve nothing' });

test('texts of finished tasks, by any of the words, never those of the task itself', async () => {
  expect((await search('zebra retrieve')).map(({ taskId, type }) => ({ taskId, type }))).toEqual([{ taskId: done, type: 'draft' }]);
  expect(await search('zebra')).toEqual([]);
  const own = { query: 'retrieve', taskId: done, limit: 10 };
  expect(await searchArtifacts(db.rpc('ags_worker'), own)).toEqual([]);
});

test.each([
  '',
  '   ',
  `it's`,
  `' | ''`,
  `a & b | !(c)`,
  `:*`,
  `retrieve:*`,
  `\\`,
  `\\' or 1=1 --`,
  `C:\\temp\\retrieve\\'x'`,
  `<->`,
  '"',
  '%',
  `retrieve''`,
  'https://example.org/a?b=c&d=\\x',
  `user@example.org`,
  '🚦🚦🚦🚦🚦',
  'x'.repeat(5000),
])('any text is a question, never a command (%#)', async (query) => {
  expect(Array.isArray(await search(query))).toBe(true);
});

test('never more than asked for, nor than twenty', async () => {
  expect(await search('text', 0)).toHaveLength(1);
  expect((await search('text', 1000)).length).toBeLessThanOrEqual(20);
});
