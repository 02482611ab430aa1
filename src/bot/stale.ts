/** What decides and is older than this may have been meant for another world, as after an outage. */
const MAX_AGE_MS = 15 * 60_000;

/** `date` as Telegram gives it, in seconds. */
export const isStale = ({ date }: { date: number }, now: Date): boolean => now.getTime() - date * 1000 > MAX_AGE_MS;
