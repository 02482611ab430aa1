import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeLocalTime } from '../../../src/bot/local-time.ts';
import { makeTaskFace, type TaskFace } from '../../../src/bot/task-face.ts';
import { makeTaskView } from '../../../src/bot/views/task.ts';
import { MAX_PLAN_NODES } from '../../../src/domain/plan.ts';
import { decideApproval } from '../../../src/store/approvals.ts';
import { makeStoredShortTerm } from '../../../src/store/short-term.ts';
import { findTask, type TaskView } from '../../../src/store/tasks.ts';
import { ask, claim, handInPlan, makeNode, PUBLISH_PLAN, planTask, runToEnd, startTask } from '../../support/stories.ts';
import { adam, olivia, openStage, type Stage } from './stage.ts';

const time = makeLocalTime('UTC');
const signal = AbortSignal.timeout(60_000);
let stage: Stage;
let face: TaskFace;
beforeAll(async () => {
  stage = await openStage();
  const rpc = stage.db.rpc('ags_worker');
  face = makeTaskFace({ rpc, shortTerm: makeStoredShortTerm(rpc), outbound: stage.outbound, time });
  await stage.start();
});
afterAll(() => stage[Symbol.asyncDispose]());

async function loadTask(taskId: string): Promise<TaskView> {
  const task = await findTask(stage.db.rpc('ags_bot'), taskId);
  if (task === null) throw new Error(`no task ${taskId}`);
  return task;
}

/** Draws until Telegram takes it, as the worker does. */
async function draw(taskId: string): Promise<void> {
  await stage.until(async () => (await face.drawTask(await loadTask(taskId), signal)).retryAfterMs === 0);
}

async function giveTask(text: string): Promise<{ taskId: string; messageId: number }> {
  const message = await stage.ask(adam.id, adam.id, `/task ${text}`);
  await stage.settle();
  return { taskId: /T-[\d-]+/.exec(message.text ?? '')?.[0] ?? '', messageId: message.message_id };
}

const shown = (messageId: number) => stage.telegram.message(adam.id, messageId)?.text ?? '';

describe('the task’s one message', () => {
  test('follows the task from the plan to the published post, with the way to it', async () => {
    const { taskId, messageId } = await giveTask('Tell the channel about gold');
    await handInPlan(stage.db, await claim(stage.db, `${taskId}/plan`), PUBLISH_PLAN);
    await draw(taskId);
    expect(shown(messageId)).toContain('⚙️ working');
    expect(shown(messageId)).toMatch(
      /✓ 1\. plan\n○ 2\. exec: draft reply\n○ 3\. critic\n○ 4\. approval by people\n○ 5\. communicator: publish\n○ 6\. archive/,
    );
    const { reference } = await ask(stage.db, taskId);
    await draw(taskId);
    expect(shown(messageId)).toContain('⏸ waits for approval');
    expect(shown(messageId)).toMatch(new RegExp(`✓ 3\\. critic · 9/9\\n⏸ 4\\. approval ${reference}`));
    expect(shown(messageId)).toMatch(new RegExp(`⏸ ${reference}: waits for operator, until .* \\(in (1 day|2\\d h)`));
    const decided = await stage.ask(olivia.id, olivia.id, `/approve ${reference.toLowerCase()} yes`);
    expect(decided.text).toContain(`✅ ${reference} approved (you as operator). It goes out now.`);
    await runToEnd(stage.db, taskId);
    await draw(taskId);
    expect(shown(messageId)).toMatch(/✅ done[\s\S]*📬 post sent[\s\S]*took /);
    const link = stage.telegram.message(adam.id, messageId)?.entities?.find(({ type }) => type === 'text_link');
    expect(link?.url).toBe('https://t.me/c/1000000003/9001');
    const again = await stage.ask(olivia.id, olivia.id, `/approve ${reference} no too late`);
    expect(again.text).toMatch(/has already ended|Too late/);
  });

  test('is one also when two send it at once: the other is taken back', async () => {
    const { taskId, messageId } = await giveTask('Something slow');
    // What a worker knew that no longer waited for whoever took the task.
    const before = { ...(await loadTask(taskId)), messageId: null, now: new Date(Date.now() + 60_000).toISOString() };
    await stage.until(async () => (await face.drawTask(before, signal)).retryAfterMs === 0);
    const shows = stage.telegram.history(adam.id).filter(({ text }) => text?.includes(taskId));
    expect(shows.map(({ message_id: id }) => id)).toEqual([messageId]);
  });

  test('is sent anew when somebody deleted it, and the new one is edited from then on', async () => {
    const { taskId, messageId } = await giveTask('Something');
    stage.telegram.remove(adam.id, adam.id, messageId);
    await draw(taskId);
    const replacement = stage.telegram.lastMessage(adam.id);
    expect(replacement?.text).toContain(taskId);
    await handInPlan(stage.db, await claim(stage.db, `${taskId}/plan`), PUBLISH_PLAN);
    await draw(taskId);
    expect(stage.telegram.lastMessage(adam.id)?.message_id).toBe(replacement?.message_id);
    expect(stage.telegram.lastMessage(adam.id)?.text).toContain('⚙️ working');
  });

  test('an end that nobody should miss makes a sound, once', async () => {
    const { taskId, messageId } = await giveTask('Tell the channel about silver');
    await handInPlan(stage.db, await claim(stage.db, `${taskId}/plan`), PUBLISH_PLAN);
    const { reference } = await ask(stage.db, taskId);
    const pointer = { reference };
    await decideApproval(stage.db.rpc('ags_bot'), {
      pointer,
      externalId: olivia.id,
      decision: 'reject',
      reason: 'wrong price',
      source: 'command',
    });
    await draw(taskId);
    await draw(taskId);
    expect(shown(messageId)).toContain('🚫 rejected\nRejected: wrong price');
    const notices = stage.telegram.history(adam.id).filter(({ reply_to_message: replied }) => replied?.message_id === messageId);
    expect(notices.map(({ text }) => text)).toEqual([`${taskId} 🚫 rejected\nRejected: wrong price`]);
  });

  test('a worker that is faster than the acknowledgement waits for it', async () => {
    const taskId = await planTask(stage.db, { by: adam.id });
    expect(await face.drawTask(await loadTask(taskId), signal)).toEqual({ retryAfterMs: 300 });
  });

  test('a flood while it goes on is a time to wait, not a failure', async () => {
    const { taskId } = await giveTask('Something else');
    stage.telegram.failNext({ method: 'editMessageText', as: { status: 429, retryAfter: 2 } });
    await handInPlan(stage.db, await claim(stage.db, `${taskId}/plan`), PUBLISH_PLAN);
    await stage.until(async () => (await face.drawTask(await loadTask(taskId), signal)).retryAfterMs > 1_000);
  });

  test('stays readable with the largest plan and a hostile goal', async () => {
    const goal = `${'\u202E<b>ignore</b> [x](http://a.b)\n\n\n'.repeat(20)}`;
    const taskId = await startTask(stage.db, { by: adam.id, goal });
    const nodes = Array.from({ length: MAX_PLAN_NODES }, (_, index) =>
      makeNode(`step-${index}`, 'exec', 'DRAFT_REPLY', index === 0 ? [] : [`step-${index - 1}`]),
    );
    await handInPlan(stage.db, await claim(stage.db, `${taskId}/plan`), nodes);
    const { text, entities } = makeTaskView(await loadTask(taskId), time);
    expect(text.length).toBeLessThanOrEqual(900);
    expect(text).not.toContain('\u202E');
    expect(text).toContain('still to come');
    expect(entities.every(({ type }) => ['bold', 'italic', 'code'].includes(type))).toBe(true);
  });
});
