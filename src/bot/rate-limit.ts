/** `first` is the one refusal that is told; the rest of a flood is dropped. */
export type Rate = 'ok' | 'first' | 'over';

export interface RateLimit {
  take(externalId: number): Rate;
}

const MAX_PEOPLE = 10_000;

/** A courtesy against a stuck key or a script, per person and process. It protects nothing: the database does that. */
export function makeRateLimit({ clock, limit, windowMs }: { clock: () => Date; limit: number; windowMs: number }): RateLimit {
  const windows = new Map<number, { endsAtMs: number; count: number }>();
  return {
    take(externalId) {
      const nowMs = clock().getTime();
      const known = windows.get(externalId);
      if (known === undefined || known.endsAtMs <= nowMs) {
        if (windows.size >= MAX_PEOPLE) windows.clear();
        windows.set(externalId, { endsAtMs: nowMs + windowMs, count: 1 });
        return 'ok';
      }
      known.count += 1;
      if (known.count <= limit) return 'ok';
      return known.count === limit + 1 ? 'first' : 'over';
    },
  };
}
