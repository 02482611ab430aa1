import { setTimeout as wait } from 'node:timers/promises';
import { findViolations } from '../../src/store/invariants.ts';
import type { ServerWorld } from '../servers/world.ts';
import { type Asked, countPublished } from './posts.ts';

type Seen = Pick<ServerWorld, 'sql' | 'telegram'>;

/** How the tasks stand: by the rows, and by what stands in the channel. */
export interface PostCounts {
  done: number;
  ended: number;
  violations: Record<string, number>;
}

/** Everything that was asked for, against what became of it. What people were told to have been taken in must be there, once. */
export async function countPosts(seen: Seen, asked: readonly Asked[], presses: readonly number[]): Promise<PostCounts> {
  const tasks = await seen.sql(
    'select chat_id::text, request_message_id::text, status, ended_at is not null as has_ended from public.tasks order by created_at',
  );
  const byRequest = new Map<string, { status: string; hasEnded: boolean }[]>();
  for (const { chat_id: chat, request_message_id: message, status, has_ended: hasEnded } of tasks) {
    const key = `${chat}/${message}`;
    byRequest.set(key, [...(byRequest.get(key) ?? []), { status: String(status), hasEnded: hasEnded === true }]);
  }
  const published = countPublished(seen);
  const counts = { done: 0, ended: 0, requestsLost: 0, tasksDoubled: 0, postsDoubled: 0, doneUnpublished: 0, publishedUndone: 0 };
  for (const { item, chatId, messageId } of asked) {
    const [task, ...others] = byRequest.get(`${chatId}/${messageId}`) ?? [];
    const times = published.get(item) ?? 0;
    const isDone = task?.status === 'done';
    counts.done += Number(isDone);
    counts.ended += Number(task?.hasEnded === true);
    counts.requestsLost += Number(task === undefined);
    counts.tasksDoubled += others.length;
    counts.postsDoubled += Math.max(0, times - 1);
    counts.doneUnpublished += Number(isDone && times === 0);
    counts.publishedUndone += Number(!isDone && times > 0);
  }
  const { done, ended, ...mine } = counts;
  return {
    done,
    ended,
    violations: {
      requests_lost: mine.requestsLost,
      tasks_doubled: mine.tasksDoubled,
      posts_doubled: mine.postsDoubled,
      done_but_not_published: mine.doneUnpublished,
      published_but_not_done: mine.publishedUndone,
      ...(await countUpdates(seen, presses)),
      ...(await countBrokenRows(seen)),
    },
  };
}

/** Whatever Telegram was told to be taken in, and is not there or was given up. */
async function countUpdates({ sql, telegram }: Seen, presses: readonly number[]) {
  const rows = await sql('select external_id, status from public.inbox');
  const stored = new Set(rows.map(({ external_id: id }) => String(id)));
  const pending = new Set(telegram.pendingUpdates().map(({ update_id: id }) => id));
  return {
    presses_lost: presses.filter((id) => !pending.has(id) && !stored.has(String(id))).length,
    updates_given_up: rows.filter(({ status }) => status === 'dead').length,
    updates_unhandled: pending.size + rows.filter(({ status }) => status === 'pending' || status === 'processing').length,
  };
}

/** What must be nothing once all has come to its end; what must hold at any time is asked by the invariants. */
const BROKEN_ROWS = {
  steps_left_running: `select count(*) from public.task_steps s join public.tasks t using (task_id) where s.status = 'running' and t.ended_at is not null`,
  effects_unsettled: `select count(*) from public.effects where status in ('granted', 'in_doubt')`,
  tries_without_end: `select count(*) from public.effect_attempts where status in ('started', 'in_doubt')`,
  parts_sent_twice: `select count(*) from (select 1 from public.effect_attempts where status = 'done' group by effect_id, part having count(*) > 1) x`,
  // A search that was done again, and the critic after it, are told once more each time.
  steps_not_told_once: `select count(*) from (select 1 from public.task_steps s left join public.events e on e.step_id = s.step_id and e.type = 'STEP_DONE'
    where s.status = 'done' and s.kind <> 'approve' group by s.step_id, s.task_id, s.kind
    having count(e.event_id) not between 1 and 1 + (select count(*) from public.audit_logs l
      where l.chain = s.task_id and l.action = 'retrieval.redo' and (l.object = s.step_id or s.kind = 'critic'))) x`,
} as const;

/** What stands in the rows and must never stand there. */
export async function countBrokenRows({ sql }: Pick<Seen, 'sql'>): Promise<Record<string, number>> {
  const violated = await findViolations(sql);
  if (violated.length > 0) console.error(violated);
  const counts: Record<string, number> = { invariants_violated: violated.length };
  for (const [name, text] of Object.entries(BROKEN_ROWS)) counts[name] = Number((await sql(text))[0]?.count);
  return counts;
}

export interface WaitOptions {
  count: number;
  limitMs: number;
  lookMs?: number;
}

/** Waits until so many tasks have ended and nothing is under way any more; false when that takes longer. The database may be away meanwhile. */
export async function waitUntilEnded({ sql, telegram }: Seen, { count, limitMs, lookMs = 500 }: WaitOptions): Promise<boolean> {
  const endMs = performance.now() + limitMs;
  while (performance.now() < endMs) {
    const [row] = await sql(
      `select count(*) filter (where ended_at is not null)::int as ended,
        (select count(*)::int from public.inbox where status in ('pending', 'processing')) as inbox from public.tasks`,
    ).catch(() => []);
    if (Number(row?.ended) >= count && row?.inbox === 0 && telegram.pendingUpdates().length === 0) return true;
    await wait(lookMs);
  }
  return false;
}

/** What has not ended, and where it stands: for whoever looks into a run that failed. */
export async function listOpen({ sql }: Pick<Seen, 'sql'>): Promise<Record<string, unknown>[]> {
  return sql(`select t.task_id, t.status, t.failure_code, t.failure_message, s.node_id, s.status as step, s.attempt_count, s.wake_seq, s.error_code, now() - s.woken_at as woken,
      s.lease_expires_at - now() as lease, r.status as request, e.status as effect
    from public.tasks t left join public.task_steps s on s.task_id = t.task_id and s.status not in ('done', 'pending', 'skipped')
    left join public.approval_requests r on r.task_id = t.task_id left join public.effects e on e.task_id = t.task_id
    where t.status <> 'done' order by t.created_at limit 10`);
}
