import { CHATS } from '../../../src/sandbox/world.ts';
import type { Fleet, Machine } from '../../support/fleet.ts';
import { textOf, until } from '../../support/telling.ts';

type Working = Pick<Fleet, 'sql' | 'telegram'>;

/** A busy machine of two cores, with a dozen processes on it. */
const WORK_TIMEOUT_MS = 90_000;

/** Somebody presses Approve on each card as it comes, until so many have been pressed and answered. */
export async function approveAsTheyCome(
  { telegram }: Working,
  { approver, count }: { approver: number; count: number },
): Promise<string[]> {
  const pressed = new Set<number>();
  const answers: Promise<{ text: string | undefined }>[] = [];
  while (pressed.size < count) {
    const card = await telegram.waitFor(() => findFreshCard(telegram, pressed), { timeoutMs: WORK_TIMEOUT_MS, what: 'a further card' });
    pressed.add(card.messageId);
    answers.push(telegram.pressRaw(approver, CHATS.admin.id, card.messageId, card.data).answered);
  }
  return (await Promise.all(answers)).map(({ text = '' }) => text);
}

function findFreshCard(telegram: Working['telegram'], known: ReadonlySet<number>) {
  for (const { message_id: messageId, reply_markup: markup } of telegram.history(CHATS.admin.id)) {
    if (known.has(messageId)) continue;
    const data = markup?.inline_keyboard.flat().find(({ text }) => text.includes('Approve'))?.callback_data;
    if (data !== undefined) return { messageId, data };
  }
  return null;
}

/** Waits until so many tasks have ended, however, their messages say so, and nothing is under way any more. */
export async function waitForEnd({ sql, telegram }: Working, count: number, timeoutMs = WORK_TIMEOUT_MS): Promise<void> {
  const look = () =>
    sql(`select count(*) filter (where ended_at is not null)::int as ended, count(*)::int as given,
      count(*) filter (where show_requested_at is not null)::int as to_show,
      (select count(*)::int from public.inbox where status in ('pending', 'processing')) as inbox,
      coalesce(jsonb_agg(jsonb_build_object('chat', chat_id::text, 'message', message_id::text)), '[]'::jsonb) as messages from public.tasks`);
  let last: Record<string, unknown> = {};
  try {
    await until(
      async () => {
        last = (await look())[0] ?? {};
        const isOver = last.ended === count && last.to_show === 0 && last.inbox === 0;
        return isOver && listUnfinished(telegram, last.messages).length === 0;
      },
      { timeoutMs },
    );
  } catch (cause) {
    const { messages, ...counts } = last;
    const unfinished = listUnfinished(telegram, messages);
    throw new Error(
      `${count} tasks have not all ended: ${JSON.stringify(counts)}; ${unfinished.length} messages do not say so, the first:\n${unfinished[0]}`,
      {
        cause,
      },
    );
  }
}

const ENDED = /\n(✅|❌|🚫)/;

function listUnfinished(telegram: Working['telegram'], places: unknown): string[] {
  if (!Array.isArray(places)) return [];
  const texts = places.map(({ chat, message }) => textOf(telegram.message(Number(chat), Number(message))));
  return texts.filter((text) => !ENDED.test(text));
}

/** Whom the database knows by a name with this process's number in it. */
export const heldBy = ({ pid }: Pick<Machine, 'pid'>): string => `%-${pid}-%`;

/** Longer than a worker is waited for that gives no sign of life. */
const SILENCE = "interval '31 seconds'";

/** As if the time had passed that a machine which is gone may hold what it had in hand: a minute for steps, three for updates. */
export async function runOutLeases({ sql }: Pick<Fleet, 'sql'>, machine: Pick<Machine, 'pid'>): Promise<void> {
  for (const table of ['task_steps', 'approval_requests', 'inbox']) {
    await sql(`update public.${table} set lease_expires_at = clock_timestamp() where lease_expires_at is not null and worker like $1`, [
      heldBy(machine),
    ]);
  }
  await sql(`update public.tasks set shown_at = shown_at - ${SILENCE}`);
  await sql(`update public.workers set seen_at = seen_at - ${SILENCE} where worker like $1`, [heldBy(machine)]);
}

/** The machine that holds a step of this task or, without one, an update. */
export async function findHolder({ sql, machines }: Pick<Fleet, 'sql' | 'machines'>, taskId?: string): Promise<Machine> {
  const [row] =
    taskId === undefined
      ? await sql("select worker from public.inbox where status = 'processing' limit 1")
      : await sql("select worker from public.task_steps where task_id = $1 and status = 'running' limit 1", [taskId]);
  const holder = machines.find(({ pid }) => String(row?.worker).includes(`-${pid}-`));
  if (holder === undefined) throw new Error(`nobody of the fleet holds it: ${JSON.stringify(row)}`);
  return holder;
}
