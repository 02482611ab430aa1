import { z } from 'zod';
import type { MessageRef } from '../domain/message.ts';
import type { ShortTerm } from '../store/short-term.ts';
import { tryAll } from './best-effort.ts';
import type { CommandDeps } from './deps.ts';
import { toView } from './view.ts';
import { makeLiftedNotice } from './views/stop.ts';

/** The first word of a stop, and the one that widened it: each is said once, and so has one place to be noted. */
export type NoticeKind = 'first' | 'wider';
const KINDS: readonly NoticeKind[] = ['first', 'wider'];

const Noted = z.object({
  chatId: z.number().int(),
  topicId: z.number().int().nullable(),
  messageId: z.number().int(),
  stoppedAt: z.string().nullable(),
  stoppedBy: z.string(),
});
type Noted = z.infer<typeof Noted>;

/** Longer than anybody leaves a stop unlifted; after it the notice only stays where it is. */
const KEEP_SECONDS = 30 * 24 * 60 * 60;

const toKey = (kind: NoticeKind): string => `stop-notice:${kind}`;

/** Pins what tells the admin group of a stop, and notes it for the day on which the stop is lifted. Throws short_term_unavailable. */
export async function pinNotice(
  { outbound, shortTerm }: Pick<CommandDeps, 'outbound' | 'shortTerm'>,
  kind: NoticeKind,
  notice: MessageRef & Pick<Noted, 'stoppedAt' | 'stoppedBy'>,
): Promise<void> {
  await Promise.all([outbound.tryPin(notice, { priority: 'urgent' }), shortTerm.put(toKey(kind), notice, KEEP_SECONDS)]);
}

export type LiftDeps = Pick<CommandDeps, 'outbound' | 'shortTerm' | 'time' | 'clock' | 'log'>;

/** The stop is lifted: its notices say so, and are pinned no longer. Best effort. */
export async function liftNotices(deps: LiftDeps, names: { first: string; second: string }, signal: AbortSignal): Promise<void> {
  await tryAll(
    deps.log,
    KINDS.map((kind) => liftNotice(deps, toKey(kind), names, signal)),
  );
}

async function liftNotice(
  { outbound, shortTerm, time, clock }: LiftDeps,
  key: string,
  names: { first: string; second: string },
  signal: AbortSignal,
): Promise<void> {
  const noted = await findNotice(shortTerm, key);
  if (noted === null) return;
  const view = toView(makeLiftedNotice({ ...names, ...noted, now: clock(), time }));
  const options = { priority: 'urgent', signal } as const;
  await Promise.all([outbound.tryUnpin(noted, options), outbound.edit(noted, view, options)]);
  await shortTerm.delete(key);
}

async function findNotice(shortTerm: ShortTerm, key: string): Promise<Noted | null> {
  const parsed = Noted.safeParse(await shortTerm.get(key));
  return parsed.success ? parsed.data : null;
}
