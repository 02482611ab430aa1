import { listEndedResumeCards } from '../store/stop.ts';
import { type CardMessageDeps, makeCardMessages } from './card-message.ts';
import { makeOverResumeCardView, makeResumedCardView } from './views/resume-card.ts';

export interface ResumeCards {
  /** Each card on which a stop was to be lifted says how that ended, and loses its buttons. Throws telegram_*. */
  endResumeCards(signal?: AbortSignal): Promise<void>;
}

export function makeResumeCards(deps: CardMessageDeps): ResumeCards {
  const messages = makeCardMessages(deps);
  return {
    async endResumeCards(signal) {
      for (const { card, ending, first, second, cancelled } of await listEndedResumeCards(deps.rpc)) {
        const names = { first: first ?? 'somebody', second: second ?? 'somebody' };
        const view = ending === 'over' ? makeOverResumeCardView() : makeResumedCardView({ ...names, cancelled });
        await messages.put(card, view, { isWorthSending: false, mark: ending, signal });
      }
    },
  };
}
