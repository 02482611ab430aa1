import { formatElapsed } from './view.ts';

/** The one place where UTC becomes local time, for people only. Moments are UTC ISO 8601, as the store gives them. */
export interface LocalTime {
  /** `14:05 UTC`; with the day, `28 Sep 14:05 UTC`, when it is not the day of `now`. */
  format(moment: string | Date, now: Date): string;
  /** With the distance, which nobody has to compute at night: `14:05 UTC (in 2 h)`, `14:05 UTC (8 s ago)`. */
  formatBoth(moment: string | Date, now: Date): string;
}

/** Throws RangeError for a zone that does not exist; the configuration has checked it. */
export function makeLocalTime(timeZone: string): LocalTime {
  const clock = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', timeZoneName: 'short' });
  const day = new Intl.DateTimeFormat('en-GB', { timeZone, day: 'numeric', month: 'short' });
  const year = new Intl.DateTimeFormat('en-GB', { timeZone, year: 'numeric' });

  function format(moment: string | Date, now: Date): string {
    const date = new Date(moment);
    const time = clock.format(date);
    if (year.format(date) !== year.format(now)) return `${day.format(date)} ${year.format(date)} ${time}`;
    return day.format(date) === day.format(now) ? time : `${day.format(date)} ${time}`;
  }

  function formatBoth(moment: string | Date, now: Date): string {
    const distanceMs = new Date(moment).getTime() - now.getTime();
    const distance = distanceMs >= 0 ? `in ${formatElapsed(distanceMs)}` : `${formatElapsed(-distanceMs)} ago`;
    return `${format(moment, now)} (${distance})`;
  }

  return { format, formatBoth };
}
