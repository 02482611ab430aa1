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
    console.log(i, await pressCard(app, bella.id, card, 'Approve'));
    try {
      await waitForDone(app, task);
    } catch (e) {
      console.log(app.logLines().slice(mark - 10).join('\n').slice(0, 6000));
      console.log(JSON.stringify(await app.sql('select status, show_requested_at, shown_at, clock_timestamp() as now from public.tasks where task_id=$1', [task.taskId])));
      console.log(JSON.stringify(await app.sql('select node_id, status, wake_seq, woken_at from public.task_steps where task_id=$1', [task.taskId])));
      const t = await app.sql("select table_name from information_schema.tables where table_schema='bullmq'");
      console.log(JSON.stringify(t));
      for (const r of t) { const rows = await app.sql(`select * from bullmq.${String(r.table_name)} limit 20`); console.log(r.table_name, JSON.stringify(rows).slice(0, 3000)); }
      throw e;
    }
  }
  await app.close();
  await model.close();
});
