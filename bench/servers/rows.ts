import { PERSONAS } from '../../src/sandbox/world.ts';
import type { ServerWorld } from './world.ts';

export const STEPS = ['plan', 'retrieve', 'research', 'act', 'critic', 'reply', 'archive'];

/** What a replied message is an artifact of is the post that the critic judged: `reply` has none of its own. */
const COMPLETE = `
  select count(*)::int as count from public.task_steps s
  where s.task_id = any ($1) and s.node_id = any ($2) and s.status = 'done'
    and (s.node_id = 'reply' or exists (select 1 from public.artifacts a where a.step_id = s.step_id))
    and (select count(*) from public.events e where e.step_id = s.step_id and e.type = 'STEP_DONE') = 1
    and exists (select 1 from public.audit_logs l where l.chain = s.task_id and l.object = s.step_id)`;

/** Steps of these tasks that did not leave an artifact, one event and an audit record; all of them are counted, none assumed. */
export async function countMissing({ sql }: Pick<ServerWorld, 'sql'>, taskIds: readonly string[]): Promise<number> {
  const [row] = await sql(COMPLETE, [taskIds, STEPS]);
  return taskIds.length * STEPS.length - Number(row?.count);
}

/** Replies that were granted, tried or sent other than exactly once, in the rows and in the chats. */
export async function countOddReplies({ sql, telegram }: Pick<ServerWorld, 'sql' | 'telegram'>, taskIds: readonly string[]) {
  const [row] = await sql(
    `select count(*)::int as count from unnest($1::text[]) as t (task_id) where 1 is distinct from (
      select count(*) filter (where e.status = 'done' and a.status = 'done') from public.effects e
      join public.effect_attempts a using (effect_id) where e.task_id = t.task_id having count(*) = 1)`,
    [taskIds],
  );
  const sent = Object.values(PERSONAS)
    .flatMap(({ id }) => telegram.history(id))
    .filter(({ text }) => /It follows from what was given/.test(text ?? '')).length;
  return Number(row?.count) + Math.abs(sent - taskIds.length);
}
