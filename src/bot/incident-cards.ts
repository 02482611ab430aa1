import type { ChatRef } from '../domain/message.ts';
import { toAppError } from '../errors.ts';
import { openIncidentCard, recordIncidentShown } from '../store/incidents.ts';
import { type CardMessageDeps, makeCardMessages } from './card-message.ts';
import type { LocalTime } from './local-time.ts';
import { makeOneAtATime } from './one-at-a-time.ts';
import { makeIncidentView } from './views/incident.ts';

export interface IncidentCardsDeps extends CardMessageDeps {
  adminChat: ChatRef;
  alertChat: ChatRef;
  clock: () => Date;
  time: LocalTime;
}

export interface IncidentCards {
  /**
   * Draws or redraws the one message of an incident in the alert channel; where the bot may not write there, in the admin group. What has
   * ended before anybody was told is not sent any more. Throws not_found, telegram_*.
   */
  showIncident(incidentId: string, signal?: AbortSignal): Promise<void>;
}

export function makeIncidentCards(deps: IncidentCardsDeps): IncidentCards {
  const { rpc, adminChat, alertChat, clock, time, log } = deps;
  const messages = makeCardMessages(deps);
  const lanes = makeOneAtATime();

  async function drawIn(chat: ChatRef, incidentId: string, signal?: AbortSignal): Promise<void> {
    const { incident, card } = await openIncidentCard(rpc, incidentId, chat);
    const view = makeIncidentView({ incident, now: clock(), time }, card.token);
    await messages.put(card, view, { isWorthSending: incident.state !== 'resolved', mark: String(incident.changeSeq), signal });
    await recordIncidentShown(rpc, incident);
  }

  async function draw(incidentId: string, signal?: AbortSignal): Promise<void> {
    try {
      await drawIn(alertChat, incidentId, signal);
    } catch (thrown) {
      const error = toAppError(thrown);
      if (error.code !== 'telegram_refused' || alertChat.chatId === adminChat.chatId) throw error;
      log.error({ err: error, incidentId }, 'the alert channel refuses an alert, it goes to the admin group');
      await drawIn(adminChat, incidentId, signal);
    }
  }

  return { showIncident: (incidentId, signal) => lanes.run(incidentId, () => draw(incidentId, signal)) };
}
