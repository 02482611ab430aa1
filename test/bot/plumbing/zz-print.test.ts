import { test } from 'vitest';
import { makeLocalTime } from '../../../src/bot/local-time.ts';
import { makeTaskView } from '../../../src/bot/views/task.ts';
import { findTask } from '../../../src/store/tasks.ts';
import { ask, approve, claim, handInPlan, planTask, PUBLISH_PLAN, REPLY_PLAN, runToEnd } from '../../support/stories.ts';
import { adam, olivia, openStage } from './stage.ts';
test('print', async () => {
  await using stage = await openStage();
  await stage.start();
  const out: string[] = [];
  const say = async (text: string) => out.push(`>>> ${text}\n${(await stage.ask(adam.id, adam.id, text)).text}\n`);
  const taskId = await planTask(stage.db, { by: adam.id });
  const { reference } = await ask(stage.db, taskId);
  await say(`/status ${taskId}`);
  await approve(stage.db, reference, olivia.id);
  await runToEnd(stage.db, taskId);
  await say(`/status ${taskId}`);
  await say(`/why ${taskId}`);
  await planTask(stage.db, { by: adam.id, nodes: REPLY_PLAN, goal: 'שלום what' });
  await say('/tasks'); await say('/status'); await say('/start'); await say('/help'); await say('/stop all because');
  await say('/status'); await say('/tasks foo'); await say('/approve');
  const times: number[] = [];
  for (let i = 0; i < 30; i += 1) { const t = performance.now(); await stage.ask(olivia.id, olivia.id, `/task number ${i}`); times.push(performance.now() - t); await new Promise((r) => setTimeout(r, 600)); }
  times.sort((a, b) => a - b);
  out.push(`ack p50 ${times[15]} p95 ${times[28]}`);
  console.log(out.join('\n'));
}, 60000);
