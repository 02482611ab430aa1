import { Anchor, hashAnchor } from '../../domain/evidence/anchor.ts';
import { AppError } from '../../errors.ts';

/** Reads a kept copy. Throws store_failed when it is no anchor, or not the one of this number. */
export function readAnchor(text: string, number: number, address: string): Anchor {
  const parsed = Anchor.safeParse(tryJson(text));
  if (parsed.success && parsed.data.number === number && hashAnchor(parsed.data) === parsed.data.hash) return parsed.data;
  throw new AppError('store_failed', `What stands at ${address} is not anchor ${number}`, { context: { address, number } });
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** The number is taken by another anchor: this database, or what is kept, has been replaced. */
export function toAnchorConflict(number: number, address: string): AppError {
  return new AppError(
    'idempotency_conflict',
    `another anchor ${number} is kept at ${address} already: this database is not the one that made it`,
    { context: { address, number } },
  );
}
