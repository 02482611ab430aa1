import { percentile, report } from '../measure.ts';
import { approve, makeGiver, PUBLISH_PLAN, waitForDone } from '../people.ts';
import { openWorld } from './world.ts';

const WARM_UP = 10;
const POSTS = 60;

/**
 * What people wait for, with the bot and the worker as two processes: `/task` until its message stands in the chat, and a press on Approve
 * until the card is edited, both as the person sees them in the sandbox. From the decision to the next step by the rows: `approvals.ts`,
 * written in the transaction of the decision, to `task_steps.started_at`, written by the claim, which sees nothing that is not committed.
 */
export async function measurePresses(): Promise<boolean[]> {
  await using world = await openWorld();
  await world.start('bot');
  await world.start('worker');
  await world.model.setPlan(PUBLISH_PLAN);
  const give = makeGiver(world);
  const acks: number[] = [];
  const presses: number[] = [];
  const taskIds: string[] = [];
  for (let i = 0; i < WARM_UP + POSTS; i += 1) {
    const { taskId, ackMs } = await give(`Publish item ${i}`);
    const pressMs = await approve(world, taskId);
    await waitForDone(world, taskId);
    if (i < WARM_UP) continue;
    acks.push(ackMs);
    presses.push(pressMs);
    taskIds.push(taskId);
  }
  const steps = await world.sql(
    `select (extract(epoch from s.started_at - a.ts) * 1000)::float8 as ms from public.approvals a
    join public.task_steps s on s.task_id = a.task_id and s.kind = 'effect' where a.task_id = any ($1)`,
    [taskIds],
  );
  const resumes = steps.map(({ ms }) => Number(ms));
  return [
    report({
      figure: 'press on Approve to the next step, p50',
      value: percentile(resumes, 0.5),
      unit: 'ms',
      goal: 10,
      samples: resumes.length,
      beside: { p95: percentile(resumes, 0.95) },
    }),
    report({
      figure: 'press on Approve to the edited card, servers, p95',
      value: percentile(presses, 0.95),
      unit: 'ms',
      goal: 150,
      samples: POSTS,
    }),
    report({ figure: '/task to its acknowledgement, servers, p95', value: percentile(acks, 0.95), unit: 'ms', goal: 100, samples: POSTS }),
  ];
}
