import type { FailedCall } from '../store/runbooks.ts';
import { openRunbookCard } from '../store/runbooks.ts';
import { type CardMessageDeps, makeCardMessages } from './card-message.ts';
import type { LocalTime } from './local-time.ts';
import { makeOneAtATime } from './one-at-a-time.ts';
import { toView } from './view.ts';
import { describeFailures, makeFailuresFile, makeRunbookView } from './views/runbook.ts';

export interface RunbookCardsDeps extends CardMessageDeps {
  clock: () => Date;
  time: LocalTime;
}

export interface RunbookCards {
  /** Draws or redraws the one message of a run; sends the failed calls as a file under it where there are any. */
  showRunbook(runId: string, failures: readonly FailedCall[], signal?: AbortSignal): Promise<void>;
}

export function makeRunbookCards(deps: RunbookCardsDeps): RunbookCards {
  const { rpc, outbound, clock, time } = deps;
  const messages = makeCardMessages(deps);
  const lanes = makeOneAtATime();

  async function draw(runId: string, signal?: AbortSignal): Promise<void> {
    const { run, card } = await openRunbookCard(rpc, runId);
    const mark = [run.state, ...run.steps.map(({ state, isBegun }) => `${state}${isBegun}`)].join('|');
    await messages.put(card, makeRunbookView(run, card.token, { now: clock(), time }), { isWorthSending: true, mark, signal });
  }

  return {
    async showRunbook(runId, failures, signal) {
      await lanes.run(runId, () => draw(runId, signal));
      if (failures.length === 0) return;
      const { run, card } = await openRunbookCard(rpc, runId);
      const caption = toView(describeFailures(run, failures.length));
      await outbound.sendFile(card, { ...makeFailuresFile(run, failures), caption }, { replyTo: card.messageId, isSilent: true, signal });
    },
  };
}
