import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeState } from '../../../src/bot/views/task-words.ts';
import { PERSONAS } from '../../../src/sandbox/world.ts';
import type { TaskView } from '../../../src/store/tasks.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { startTask } from '../../support/stories.ts';
import { ask, giveTask, textOf, waitForDone } from '../../support/telling.ts';

const { adam, bella } = PERSONAS;
const MOST = 12;

let app: TestApp;
beforeAll(async () => {
  const policy: unknown = parse(await readFile(new URL('../../../policies/default.yaml', import.meta.url), 'utf8'));
  app = await startTestApp({ policy: stringify(Object.assign({}, policy, { intake: { max_waiting: MOST } })) });
});
afterAll(() => app.close());

test('too much waits: a new task is refused in plain words, /stop is not, and later it is taken', async () => {
  await waitForDone(app, await giveTask(app, adam.id, 'Say hello'));
  // Taken, and nobody told the workers yet: the sweeper comes to these in a while.
  const waiting = [];
  for (let count = 0; count < MOST; count += 1) waiting.push(await startTask(app, { by: bella.id }));
  expect(textOf(await ask(app, adam.id, '/task Say one more'))).toMatch(
    /^12 tasks wait already, about 1?\d (h|min|d)( \d+ (min|h))? of work, so I do not take this one\. Send it again later; approvals and \/stop work as ever\.$/,
  );
  expect(textOf(await ask(app, bella.id, '/stop'))).toContain('STOPPED');
  await ask(app, bella.id, '/resume');
  for (const taskId of waiting) await ask(app, bella.id, `/cancel ${taskId}`);
  await waitForDone(app, await giveTask(app, adam.id, 'Say one more'));
}, 60_000);

test('in a long queue a task says its place and about how long it takes; in a short one nothing', () => {
  const planning: Partial<TaskView> = { status: 'planning', heldReason: null, isWaitingForStop: false, steps: [] };
  const describe = (queue: TaskView['queue']) => describeState({ ...planning, queue } as TaskView);
  expect(describe({ waiting: 211, waitSeconds: 360 })).toBe('⏳ in the queue: position 212, about 6 min');
  expect(describe({ waiting: 211, waitSeconds: null })).toBe('⏳ in the queue: position 212');
  expect(describe({ waiting: 9, waitSeconds: 1 })).toBe('📝 planning');
  expect(describe(null)).toBe('📝 planning');
});
