import type { MessageRef } from '../../domain/message.ts';
import { toAppError } from '../../errors.ts';
import { recordAttempt } from '../../store/attempts.ts';
import type { Deliver, Delivery } from '../../store/delivery.ts';
import { meetPerson } from '../../store/people.ts';
import type { Rpc } from '../../store/rpc.ts';
import type { ShortTerm } from '../../store/short-term.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { LoadCardFacts } from '../card-facts.ts';
import type { Cards } from '../cards.ts';
import type { FindChatName } from '../chat-names.ts';
import type { LocalTime } from '../local-time.ts';
import type { Outbound } from '../outbound.ts';

/** One press on a button of a card: who, on which message, with which token. */
export interface Press {
  id: string;
  token: string;
  message: MessageRef;
  /** Telegram shows the data on a button of this message. Without that it is somebody's own work. */
  isOnButton: boolean;
  signal: AbortSignal;
  person: { externalId: number; name: string; username: string | null; isBot: boolean };
}

export interface PressDeps {
  /** As `ags_bot`. */
  rpc: Rpc;
  shortTerm: ShortTerm;
  outbound: Outbound;
  cards: Cards;
  loadCardFacts: LoadCardFacts;
  findChatName: FindChatName;
  deliver: Deliver;
  time: LocalTime;
  clock: () => Date;
  log: Logger;
}

const NO_BUTTON = 'This button is no longer valid. Use the newest card, or /status TASK for the open reference.';

/** The answer to data that is on no button of ours: forged, or from long ago. It leaves a trace. */
export async function refuseForged(press: { id: string; externalId: number }, { rpc, outbound }: Pick<PressDeps, 'rpc' | 'outbound'>) {
  await recordAttempt(rpc, { externalId: press.externalId, what: 'button', code: 'not_a_button' });
  await outbound.answerPress(press.id, NO_BUTTON, { isAlert: true });
}

/** Cards name people as they are called now, and a person who never wrote can still press. */
export async function meetPresser({ person }: Press, { rpc }: PressDeps): Promise<void> {
  await meetPerson(rpc, { externalId: person.externalId, displayName: person.name, username: person.username, isPrivate: false });
}

/**
 * After the decision stands in the database: the word on the button, the pressed card and the nudges at the same time. None of these can
 * undo it; what does not work is made up for by the sweeper or the next drawing.
 */
export async function showDecision({ deliver, log }: PressDeps, tasks: { now: Promise<unknown>[]; nudges: Delivery[] }): Promise<void> {
  for (const result of await Promise.allSettled([...tasks.now, deliver(tasks.nudges)])) {
    if (result.status === 'rejected') log.warn({ err: toAppError(result.reason) }, 'decision stands, showing it did not work');
  }
}
