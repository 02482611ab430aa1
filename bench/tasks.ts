import { CHATS, PERSONAS } from '../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../test/support/app.ts';
import { startFakeModel } from '../test/support/fake-model.ts';
import { percentile, report } from './measure.ts';

const WARM_UP = 15;
const TASKS = 100;
const POSTS = 20;
const STEPS = ['plan', 'retrieve', 'research', 'act', 'critic', 'reply', 'archive'];
const PUBLISH_PLAN = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];
const TASK_ID = /T-\d{4}-\d{2}-\d{2}-\d{4,}/;
const LONG = { timeoutMs: 60_000 };

/** One person may give 20 commands in 10 s: the tasks come from four people in turn, and not faster than that. */
const GIVERS = [PERSONAS.adam.id, PERSONAS.bella.id, PERSONAS.olivia.id, PERSONAS.oscar.id];
const PACE_MS = 150;
let given = 0;

/** Writes `/task` as one who may; resolves with the task's id when its message stands in the chat. */
async function giveTask({ telegram }: TestApp, goal: string): Promise<{ taskId: string; ackMs: number }> {
  await new Promise((resolve) => setTimeout(resolve, PACE_MS));
  const giver = GIVERS[given % GIVERS.length] ?? PERSONAS.adam.id;
  given += 1;
  const startedAt = performance.now();
  const asked = telegram.say(giver, giver, `/task ${goal}`);
  const message = await telegram.waitForMessage(
    giver,
    ({ message_id, text }) => message_id > asked.message_id && TASK_ID.test(text ?? ''),
    LONG,
  );
  const taskId = TASK_ID.exec(message.text ?? '')?.[0] ?? '';
  return { taskId, ackMs: performance.now() - startedAt };
}

async function waitForStatus({ sql }: TestApp, taskId: string, status: string): Promise<number> {
  for (;;) {
    const [row] = await sql(
      'select status, extract(epoch from (ended_at - created_at)) * 1000 as ms from public.tasks where task_id = $1',
      [taskId],
    );
    if (row?.status === status) return Number(row.ms);
    if (['failed', 'cancelled', 'rejected'].includes(String(row?.status))) throw new Error(`${taskId} ended as ${row?.status}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

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

export async function measureTasks(): Promise<boolean[]> {
  await using model = await startFakeModel();
  await using app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
  for (let i = 0; i < WARM_UP; i += 1) await waitForStatus(app, (await giveTask(app, `warm up ${i}`)).taskId, 'done');

  const taskIds: string[] = [];
  const acks: number[] = [];
  const ends: number[] = [];
  for (let i = 0; i < TASKS; i += 1) {
    const { taskId, ackMs } = await giveTask(app, `Summarise the notes on item ${i}`);
    ends.push(await waitForStatus(app, taskId, 'done'));
    acks.push(ackMs);
    taskIds.push(taskId);
  }
  const missing = await countMissingRows(app, taskIds);
  const residentMb = process.memoryUsage().rss / 1e6;

  model.setPlan(PUBLISH_PLAN);
  const presses: number[] = [];
  for (let i = 0; i < POSTS; i += 1) presses.push(await measurePress(app, i));

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

async function measurePress(app: TestApp, round: number): Promise<number> {
  const { telegram } = app;
  const { taskId } = await giveTask(app, `Publish item ${round}`);
  const card = await telegram.waitForMessage(
    CHATS.admin.id,
    ({ text, reply_markup }) => (text ?? '').includes(taskId) && JSON.stringify(reply_markup ?? {}).includes('Approve'),
    LONG,
  );
  const startedAt = performance.now();
  telegram.pressRaw(PERSONAS.bella.id, CHATS.admin.id, card.message_id, findApprove(card.reply_markup));
  await telegram.waitFor(() => telegram.message(CHATS.admin.id, card.message_id)?.text !== card.text, { ...LONG, what: 'the edited card' });
  const pressMs = performance.now() - startedAt;
  await waitForStatus(app, taskId, 'done');
  return pressMs;
}

function findApprove(markup: unknown): string {
  return /"callback_data":"([^"]+:y)"/.exec(JSON.stringify(markup))?.[1] ?? '';
}
