import { proposeBreakGlass } from '../../src/store/break-glass.ts';
import type { ChangeView } from '../../src/store/changes.ts';
import { decideAs } from './changes.ts';
import { PEOPLE, type StoryDatabase } from './story-world.ts';

export function askForGlass(db: StoryDatabase, taskId: string, externalId: number = PEOPLE.owner, reason = 'the market moves now') {
  return proposeBreakGlass(db.rpc('ags_bot'), { externalId, taskId, reason });
}

/** A break-glass that an owner has asked for and that waits for the second person. */
export async function askedGlass(db: StoryDatabase, taskId: string, externalId: number = PEOPLE.owner): Promise<ChangeView> {
  const { change, problem } = await askForGlass(db, taskId, externalId);
  if (change === null) throw new Error(`no break-glass for ${taskId}: ${problem}`);
  return change;
}

/** Asked for and confirmed: open for 15 minutes. */
export async function openGlass(
  db: StoryDatabase,
  taskId: string,
  { by = PEOPLE.owner, second = PEOPLE.reviewer }: { by?: number; second?: number } = {},
): Promise<ChangeView> {
  const { outcome, code, change } = await decideAs(db, await askedGlass(db, taskId, by), second);
  if (outcome !== 'applied' || change === null) throw new Error(`not opened: ${outcome} ${code} ${change?.voidReason}`);
  return change;
}

/** As if its 15 minutes were over. */
export async function letGlassRunOut(db: StoryDatabase): Promise<void> {
  await db.sql(
    `update public.break_glasses set opened_at = opened_at - interval '20 minutes', expires_at = now() - interval '1 second' where status in ('open', 'used')`,
  );
}

/** Reviews whatever waits for it, so that the next story begins without one. */
export async function forgetGlasses(db: StoryDatabase): Promise<void> {
  await db.sql(
    `update public.break_glasses set status = case when status = 'open' then 'expired' else status end, ended_at = coalesce(ended_at, now()), reviewed_at = now(), reviewed_by = 'tg:102', review = 'looked at' where reviewed_at is null`,
  );
  await db.sql(`update public.changes set status = 'expired', decided_at = now() where kind = 'break_glass' and status = 'pending'`);
}
