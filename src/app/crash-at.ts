import { type CrashAt, type CrashPoint, crashNowhere } from '../domain/crash-points.ts';

/** Ends the process at this point as a crash does: nothing is tidied up, nothing is told. */
export function makeCrashAt(chosen: CrashPoint | null): CrashAt {
  if (chosen === null) return crashNowhere;
  return (point) => {
    if (point === chosen) process.kill(process.pid, 'SIGKILL');
  };
}
