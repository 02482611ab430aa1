import { expect } from 'vitest';
import { CHATS } from '../../../src/sandbox/world.ts';
import type { Fleet } from '../../support/fleet.ts';
import { textOf } from '../../support/telling.ts';

type Seen = Pick<Fleet, 'sql' | 'telegram'>;

/** Every task is done; each step of each ran to its end once, and left one event and its artifact. Counted, not assumed. */
export async function expectAllDone({ sql }: Seen, taskCount: number): Promise<void> {
  const tasks = await sql('select status, count(*)::int as count from public.tasks group by status');
  expect(tasks).toEqual([{ status: 'done', count: taskCount }]);
  expect(await sql("select step_id, status from public.task_steps where status <> 'done'")).toEqual([]);
  const events = await sql(`
    select s.step_id, count(e.event_id)::int as count from public.task_steps s
    left join public.events e on e.step_id = s.step_id and e.type = 'STEP_DONE' where s.kind <> 'approve'
    group by s.step_id having count(e.event_id) <> 1`);
  expect(events).toEqual([]);
  const withoutArtifact = await sql(`
    select s.step_id from public.task_steps s where s.kind in ('plan', 'work', 'critic', 'archive')
      and (select count(*) from public.artifacts a where a.step_id = s.step_id) = 0`);
  expect(withoutArtifact).toEqual([]);
}

/** Each effect was granted once, left once for each part, and is settled; what a drain held back did not leave. */
export async function expectEffectsOnce({ sql }: Seen, counts: { reply: number; post: number }): Promise<void> {
  const effects = await sql('select kind, status, count(*)::int as count from public.effects group by kind, status order by kind');
  const expected = [
    { kind: 'post', status: 'done', count: counts.post },
    { kind: 'reply', status: 'done', count: counts.reply },
  ];
  expect(effects).toEqual(expected.filter(({ count }) => count > 0));
  const tries = await sql(`
    select e.effect_id from public.effects e join public.effect_attempts a using (effect_id)
    group by e.effect_id, e.part_count
    having count(*) filter (where a.status = 'done') <> e.part_count or bool_or(a.status not in ('done', 'refused', 'void'))`);
  expect(tries).toEqual([]);
}

/** Every update was taken in once and handled; none is left, none was given up. */
export async function expectInboxEmpty({ sql, telegram }: Seen): Promise<void> {
  expect(telegram.pendingUpdates()).toEqual([]);
  expect(await sql("select external_id, status, error from public.inbox where status <> 'processed'")).toEqual([]);
}

/** All hash chains hold, the system's too; answers with how many there are. */
export async function expectChainsIntact({ sql }: Seen): Promise<number> {
  const chains = await sql(
    "select chain, public.verify_audit_chain(chain) ->> 'is_intact' as intact from (select distinct chain from public.audit_logs) c",
  );
  expect(chains.filter(({ intact }) => intact !== 'true')).toEqual([]);
  return chains.length;
}

/** In its requester's chat each task has its one message, which says done, and each answer stands once. */
export async function expectOneMessageEach({ sql, telegram }: Seen): Promise<void> {
  const tasks = await sql('select task_id, chat_id::text, message_id::text, request_message_id::text from public.tasks');
  const wrong = tasks.flatMap(({ task_id: taskId, chat_id: chatId, message_id: messageId, request_message_id: asked }) => {
    const said = telegram.history(Number(chatId)).filter((message) => textOf(message).startsWith(`${taskId} · `));
    const isOne = said.length === 1 && said[0]?.message_id === Number(messageId) && textOf(said[0]).includes('\n✅ done\n');
    const answers = telegram.history(Number(chatId)).filter((message) => message.reply_to_message?.message_id === Number(asked));
    const published = telegram.history(CHATS.admin.id).filter((message) => textOf(message).includes(`task ${taskId}`));
    // The task's own message, and the answer; what was published stands in the channel, and its one card in the admin group.
    const expected = published.length === 0 ? 2 : 1;
    return isOne && answers.length === expected && published.length <= 1
      ? []
      : [{ taskId, said: said.map(textOf), answers: answers.length, cards: published.length }];
  });
  expect(wrong).toEqual([]);
}
