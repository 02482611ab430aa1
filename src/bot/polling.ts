import { makePoller, type PollerDeps } from './poller.ts';
import { makeTurn, type TurnTimes } from './turn.ts';
import type { UpdateSource } from './update-source.ts';

export interface PollingOptions extends PollerDeps {
  /** This process, among all that could poll for this bot. */
  worker: string;
  times?: TurnTimes;
}

/** One deployment has one bot; Telegram throws a second poller out, with its batch in hand. */
const LEASE = 'telegram-poller';

/** Polls whenever it is this process's turn: of all processes on one database exactly one polls, the others wait. */
export function startPolling({ worker, times, ...deps }: PollingOptions): UpdateSource {
  const stopping = new AbortController();
  const poller = makePoller(deps);
  const turn = makeTurn({ rpc: deps.rpc, name: LEASE, holder: worker, log: deps.log, times });
  const running = turn.run(stopping.signal, (signal, isHeld) => poller.run(signal, isHeld));

  return {
    problem: () => turn.problem() ?? poller.problem(),
    warnings: () => [],
    async close() {
      stopping.abort();
      await running;
    },
  };
}
