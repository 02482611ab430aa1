import { setTimeout as wait } from 'node:timers/promises';
import type { SandboxTelegram } from '../src/sandbox/telegram.ts';
import { CHATS, PERSONAS } from '../src/sandbox/world.ts';
import type { Sql } from '../test/support/owner-sql.ts';

/** Where people write and press, and where the rows are. */
export interface Place {
  telegram: SandboxTelegram;
  sql: Sql;
}

export const PUBLISH_PLAN = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write it.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];

const TASK_ID = /T-\d{4}-\d{2}-\d{2}-\d{4,}/;
const LONG = { timeoutMs: 60_000 };
/** A row tells its own times, so that it is enough to look now and then. */
const LOOK_MS = 100;

/** One person may give 20 commands in 10 s: the tasks come from four people in turn, and not faster than that. */
const GIVERS = [PERSONAS.adam.id, PERSONAS.bella.id, PERSONAS.olivia.id, PERSONAS.oscar.id];
const PACE_MS = 150;

/** Makes what writes `/task` as one who may; it resolves with the task's id when its message stands in the chat. */
export function makeGiver({ telegram }: Pick<Place, 'telegram'>) {
  let given = 0;
  return async (goal: string): Promise<{ taskId: string; ackMs: number }> => {
    await wait(PACE_MS);
    const giver = GIVERS[given % GIVERS.length] ?? PERSONAS.adam.id;
    given += 1;
    const startedAt = performance.now();
    const asked = telegram.say(giver, giver, `/task ${goal}`);
    const message = await telegram.waitForMessage(
      giver,
      ({ message_id, text }) => message_id > asked.message_id && TASK_ID.test(text ?? ''),
      LONG,
    );
    return { taskId: TASK_ID.exec(message.text ?? '')?.[0] ?? '', ackMs: performance.now() - startedAt };
  };
}

/** Waits until the task is done and gives how long it took, by its row. Throws when it ends otherwise. */
export async function waitForDone({ sql }: Pick<Place, 'sql'>, taskId: string): Promise<number> {
  const endMs = performance.now() + LONG.timeoutMs;
  for (;;) {
    const [row] = await sql(
      'select status, ended_at, extract(epoch from (ended_at - created_at)) * 1000 as ms from public.tasks where task_id = $1',
      [taskId],
    );
    if (row?.status === 'done') return Number(row.ms);
    if (row?.ended_at || performance.now() > endMs) throw new Error(`${taskId} is ${row?.status} and not done`);
    await wait(LOOK_MS);
  }
}

/** Waits for the task's card, presses Approve on it, and gives how long it took until the card was edited. */
export async function approve({ telegram }: Pick<Place, 'telegram'>, taskId: string): Promise<number> {
  const card = await telegram.waitForMessage(
    CHATS.admin.id,
    ({ text, reply_markup }) => (text ?? '').includes(taskId) && JSON.stringify(reply_markup ?? {}).includes('Approve'),
    LONG,
  );
  const startedAt = performance.now();
  telegram.pressRaw(PERSONAS.bella.id, CHATS.admin.id, card.message_id, findApprove(card.reply_markup));
  await telegram.waitFor(() => telegram.message(CHATS.admin.id, card.message_id)?.text !== card.text, { ...LONG, what: 'the edited card' });
  return performance.now() - startedAt;
}

function findApprove(markup: unknown): string {
  return /"callback_data":"([^"]+:y)"/.exec(JSON.stringify(markup))?.[1] ?? '';
}
