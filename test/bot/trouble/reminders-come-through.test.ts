import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { giveTask, textOf, waitForCard } from '../../support/telling.ts';

/** The program's own messages are tried as often before somebody is told. */
const TRIES = 3;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

test('a reminder and an escalation that Telegram did not take come all the same, each once', async () => {
  const task = await giveTask(app, PERSONAS.adam.id, 'Publish a post about the opening hours');
  await waitForCard(app, task);
  for (const [column, sign] of [
    ['remind_at', '⏰'],
    ['escalate_at', '🚨'],
  ] as const) {
    app.telegram.failNext({ method: 'sendMessage', chatId: CHATS.admin.id, as: { status: 500 }, times: TRIES });
    await app.sql(`update public.approval_requests set ${column} = now() - interval '1 second' where task_id = $1`, [task.taskId]);
    const isReminder = (message: Parameters<typeof textOf>[0]) => textOf(message).startsWith(sign);
    await app.telegram.waitForMessage(CHATS.admin.id, isReminder, { timeoutMs: 25_000 });
    expect(app.logLines().filter((line) => line.includes('"job":"request.remind"') && line.includes('job failed'))).not.toEqual([]);
    expect(app.telegram.history(CHATS.admin.id).filter(isReminder)).toHaveLength(1);
  }
}, 60_000);
