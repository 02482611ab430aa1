import type { Logger } from '../telemetry/log.ts';

/** Resolves when the work has ended, or after the time: what hangs must not keep the others from ending. Never rejects. */
export async function endWithin(timeoutMs: number, what: string, work: Promise<unknown>, log: Pick<Logger, 'warn'>): Promise<void> {
  const { promise: time, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), Math.max(0, timeoutMs));
  const end = work.then(
    () => 'ended' as const,
    (err: unknown) => log.warn({ err, what }, 'could not be ended in order'),
  );
  if ((await Promise.race([end, time])) === 'late') log.warn({ what }, 'did not end in time, left behind');
  clearTimeout(timer);
}
