import { startTestApp, type TestApp } from '../test/support/app.ts';
import { percentile, report } from './measure.ts';
import { approve, makeGiver, PUBLISH_PLAN, waitForDone } from './people.ts';
import { startModel } from './start-model.ts';

const WARM_UP = 15;
const TASKS = 100;
const POSTS = 20;
const STEPS = ['plan', 'retrieve', 'research', 'act', 'critic', 'reply', 'archive'];

/** Each of the seven steps of each task left its rows: counted, not assumed. */
async function countMissingRows({ sql }: TestApp, taskIds: string[]): Promise<number> {
  let missing = 0;
  for (const taskId of taskIds) {
    const steps = await sql(
      `
      select s.node_id, (select count(*) from public.artifacts a where a.step_id = s.step_id) as artifacts,
        (select count(*) from public.events e where e.step_id = s.step_id and e.type = 'STEP_DONE') as events,
        (select count(*) from public.audit_logs l where l.chain = s.task_id and l.object = s.step_id) as audits
      from public.task_steps s where s.task_id = $1 and s.status = 'done'`,
      [taskId],
    );
    const byNode = new Map(steps.map((row) => [row.node_id, row]));
    for (const node of STEPS) {
      const row = byNode.get(node);
      // What a reply made is the message: its artifact is the post that the critic judged.
      const hasArtifact = node === 'reply' || Number(row?.artifacts ?? 0) > 0;
      if (!hasArtifact || Number(row?.events ?? 0) !== 1 || Number(row?.audits ?? 0) < 1) missing += 1;
    }
  }
  return missing;
}

/**
 * The embedded stack: every role in this process, with the database in it; the model is in another one, as a real one would be. Tasks are
 * given in the chat, one at a time; a task's time is between its row's `created_at` and `ended_at`.
 */
export async function measureTasks(): Promise<boolean[]> {
  await using model = await startModel();
  await using app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
  const give = makeGiver(app);
  for (let i = 0; i < WARM_UP; i += 1) await waitForDone(app, (await give(`warm up ${i}`)).taskId);

  const taskIds: string[] = [];
  const acks: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < TASKS; i += 1) {
    const { taskId, ackMs } = await give(`Summarise the notes on item ${i}`);
    ends.push(await waitForDone(app, taskId));
    acks.push(ackMs);
    taskIds.push(taskId);
  }
  const missing = await countMissingRows(app, taskIds);
  const residentMb = process.memoryUsage().rss / 1e6;

  await model.setPlan(PUBLISH_PLAN);
  const presses: number[] = [];
  for (let i = 0; i < POSTS; i += 1) {
    const { taskId } = await give(`Publish item ${i}`);
    presses.push(await approve(app, taskId));
    await waitForDone(app, taskId);
  }

  const samples = TASKS;
  return [
    report({ figure: 'T1 task end to end, p50', value: percentile(ends, 0.5), unit: 'ms', goal: 120, samples }),
    report({
      figure: 'T1 tasks: rows missing of artifact, event, audit',
      value: missing,
      unit: 'rows',
      goal: 0,
      samples: samples * STEPS.length,
    }),
    report({ figure: '/task to its acknowledgement, p95', value: percentile(acks, 0.95), unit: 'ms', goal: 100, samples }),
    report({ figure: 'press on Approve to the edited card, p95', value: percentile(presses, 0.95), unit: 'ms', goal: 150, samples: POSTS }),
    report({ figure: 'resident memory after 100 tasks', value: residentMb, unit: 'MB', goal: 700, samples: 1 }),
  ];
}
