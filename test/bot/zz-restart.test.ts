import { expect, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp } from '../support/app.ts';
import { startFakeModel } from '../support/fake-model.ts';
import { ask, giveTask, pressCard, waitForCard, waitForDone } from '../support/telling.ts';
const { adam, bella } = PERSONAS;
test('restart', { timeout: 120_000 }, async () => {
  const model = await startFakeModel();
  model.setPlan([
    { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write the post.' },
    { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
  ]);
  const app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
  for (let i = 0; i < 20; i++) {
    const task = await giveTask(app, adam.id, 'Publish the news');
    const card = await waitForCard(app, task);
    await app.restart();
    await ask(app, adam.id, '/tasks awaiting_approval');
    await ask(app, adam.id, `/status ${task.taskId}`);
    const mark = app.logLines().length;
    const said = await pressCard(app, bella.id, card, 'Approve');
    console.log(i, card.messageId, said);
    try {
      await waitForDone(app, task);
    } catch (e) {
      console.log(app.logLines().slice(mark - 10).join('\n').slice(0, 6000));
      console.log(JSON.stringify(await app.sql('select status, show_requested_at, shown_at, clock_timestamp() as now from public.tasks where task_id=$1', [task.taskId])));
      console.log(JSON.stringify(await app.sql('select node_id, status, wake_seq, woken_at from public.task_steps where task_id=$1', [task.taskId])));
      for (const q of ['select card_id, chat_id, message_id, created_at from public.cards', 'select token, card_id, created_at from public.buttons', 'select reference, status, version, shown_at, worker from public.approval_requests', "select event, data, to_timestamp(created_at_ms/1000.0) as at from bullmq.event where event in ('added','completed') order by id"]) console.log(JSON.stringify(await app.sql(q)));
      console.log(JSON.stringify(app.telegram.history(card.chatId).map((m) => [m.message_id, m.text?.slice(0, 40), m.reply_markup?.inline_keyboard.flat().map((b) => b.callback_data)])));
      console.log(JSON.stringify(app.telegram.calls().filter((c) => !['getUpdates', 'setMyCommands'].includes(c.method)).map((c) => [c.method, c.params.chat_id, c.receivedAt, c.answeredAt, c.status, String(c.params.text).slice(0, 30), (c.result as { message_id?: number })?.message_id])));
      throw e;
    }
  }
  await app.close();
  await model.close();
});
