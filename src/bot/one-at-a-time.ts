/**
 * Runs the work of one key one after the other, so that a message is never overwritten with something older. Whoever comes while another
 * one waits shares that one: it reads the newest state when its turn comes.
 */
export interface OneAtATime {
  run(key: string, work: () => Promise<void>): Promise<void>;
}

interface Lane {
  running: Promise<void>;
  waiting: Promise<void> | null;
}

export function makeOneAtATime(): OneAtATime {
  const lanes = new Map<string, Lane>();

  function start(key: string, work: () => Promise<void>): Promise<void> {
    const running = work();
    const lane: Lane = { running, waiting: null };
    lanes.set(key, lane);
    const leave = () => {
      if (lane.waiting === null) lanes.delete(key);
    };
    running.then(leave, leave);
    return running;
  }

  return {
    run(key, work) {
      const lane = lanes.get(key);
      if (!lane) return start(key, work);
      const next = () => start(key, work);
      lane.waiting ??= lane.running.then(next, next);
      return lane.waiting;
    },
  };
}
