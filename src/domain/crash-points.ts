/**
 * Where a process can be made to die, to see that nothing is lost there and nothing is done twice:
 * before an effect is granted; after its try is written down; after the other side took it; after the try's end is written down and before
 * the effect's own; and after a change is committed, before the nudges that follow from it are in the queue.
 */
export const CRASH_POINTS = [
  'before-intent',
  'after-intent',
  'after-provider-accepted',
  'before-result-committed',
  'between-commit-and-enqueue',
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Called at each of these places. Outside of tests it does nothing. */
export type CrashAt = (point: CrashPoint) => void;

/** For whoever has nothing to do with crashes. */
export const crashNowhere: CrashAt = () => undefined;
