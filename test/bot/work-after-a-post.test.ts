import { expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp } from '../support/app.ts';
import { startFakeModel } from '../support/fake-model.ts';
import { giveTask, pressCard, textOf, waitForCard, waitForDone } from '../support/telling.ts';

const { adam, bella } = PERSONAS;
const node = (id: string, agent: string, action: string, after: string[]) => ({ id, agent, action, after, instruction: `Do ${id}.` });

test('publish it and tell me: the report is judged and approved like the post, and answers', async () => {
  await using model = await startFakeModel();
  await using app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
  model.setPlan([
    node('act', 'exec', 'DRAFT_REPLY', []),
    node('publish', 'communicator', 'PUBLISH', ['act']),
    node('report', 'exec', 'SUMMARIZE', ['publish']),
  ]);
  model.script(
    'draft',
    { kind: 'value', value: { text: 'Gold rose.' } },
    { kind: 'value', value: { text: 'It was posted that gold rose.' } },
  );
  const task = await giveTask(app, adam.id, 'Publish that gold rose and tell me what you did');
  const post = await waitForCard(app, task, { says: 'PUBLISH to AGS Signals' });
  expect(await pressCard(app, bella.id, post, 'Approve')).toContain('Approved');
  const report = await waitForCard(app, task, { says: 'It was posted that gold rose.' });
  expect(report.reference).not.toBe(post.reference);
  expect(app.telegram.history(CHATS.signals.id).map(textOf)).toEqual(['Gold rose.']);
  expect(await pressCard(app, bella.id, report, 'Approve')).toContain('Approved');
  await waitForDone(app, task);
  expect(app.telegram.history(task.chatId).map(textOf)).toContain('It was posted that gold rose.');
}, 60_000);
