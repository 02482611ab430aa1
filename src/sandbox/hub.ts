import { randomInt } from 'node:crypto';
import type { Change } from './changes.ts';
import type { Journal } from './journal.ts';
import { applyChange, makeState, type State } from './state.ts';

/** What watchers hear: kept changes, and what is only of the moment. */
export type LiveEvent =
  | { type: 'changes'; changes: readonly Change[] }
  | { type: 'chat_action'; chatId: number; action: string }
  | {
      type: 'callback_answer';
      callbackQueryId: string;
      userId: number;
      text: string | undefined;
      showAlert: boolean;
      url: string | undefined;
    }
  /** A Bot API call came in or was answered. */
  | { type: 'call' };

export type Listener = (event: LiveEvent) => void;

/** The one door for changing the sandbox: journal first, then memory, then whoever watches. */
export interface Hub {
  readonly state: State;
  readonly journal: Journal;
  commit(changes: readonly Change[]): void;
  announce(event: Exclude<LiveEvent, { type: 'changes' }>): void;
  /** Called after every commit and announcement; returns what ends the subscription. */
  subscribe(listener: Listener): () => void;
  /** Unix seconds. */
  now(): number;
  /** A decimal id as Telegram gives to callback queries. */
  makeId(): string;
}

export function makeHub({ journal, clock }: { journal: Journal; clock: () => Date }): Hub {
  const state = makeState();
  for (const changes of journal.load()) for (const change of changes) applyChange(state, change);
  const listeners = new Set<Listener>();
  const tell = (event: LiveEvent): void => {
    for (const listener of [...listeners]) listener(event);
  };
  return {
    state,
    journal,
    commit(changes) {
      if (changes.length === 0) return;
      journal.append(changes);
      for (const change of changes) applyChange(state, change);
      tell({ type: 'changes', changes });
    },
    announce: tell,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    now: () => Math.floor(clock().getTime() / 1000),
    makeId: () => `${randomInt(1, 10 ** 9)}${String(randomInt(10 ** 9)).padStart(9, '0')}`,
  };
}
