import { toAppError } from '../errors.ts';
import type { Delivery } from '../store/delivery.ts';
import type { Logger } from '../telemetry/log.ts';
import type { CommandDeps } from './deps.ts';

/**
 * For what follows a change that already stands in the database: showing it and nudging the workers. Its failure is logged and changes
 * nothing, for the sweeper and the next drawing make up for it, while a second try of the whole command would only confuse.
 */
export async function tryAll(log: Logger, work: readonly Promise<unknown>[]): Promise<void> {
  for (const result of await Promise.allSettled(work)) {
    if (result.status === 'rejected') log.warn({ err: toAppError(result.reason) }, 'the change stands, showing it did not work');
  }
}

export async function tryDeliver({ deliver, log }: Pick<CommandDeps, 'deliver' | 'log'>, nudges: Delivery[]): Promise<void> {
  if (nudges.length > 0) await tryAll(log, [deliver(nudges)]);
}
