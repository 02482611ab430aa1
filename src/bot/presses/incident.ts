import { ackIncident, type IncidentPressOutcome, loadPostMortem, muteIncident, resolveIncident } from '../../store/incidents.ts';
import { INCIDENT_TEXTS } from '../errors.ts';
import { toView } from '../view.ts';
import { INCIDENT_PRESSES, type IncidentPressKind } from '../views/incident.ts';
import { makePostMortemFile } from '../views/post-mortem.ts';
import { meetPresser, type Press, type PressDeps, showDecision } from './press.ts';
import { sendRunbookOf } from './runbook-of-incident.ts';

const MUTE_SECONDS = 3_600;

/** A button on the message of an incident. */
export async function pressOnIncident(press: Press, letter: string, deps: PressDeps): Promise<void> {
  const kind = letter in INCIDENT_PRESSES ? INCIDENT_PRESSES[letter as keyof typeof INCIDENT_PRESSES] : undefined; // `in` has looked
  if (kind === undefined) return deps.outbound.answerPress(press.id, INCIDENT_TEXTS.unknown_button, { isAlert: true });
  await meetPresser(press, deps);
  if (kind === 'postMortem') return sendPostMortem(press, deps);
  if (kind === 'runbook') return sendRunbookOf(press, deps);
  return change(press, kind, deps);
}

const toPointer = ({ token, message, person }: Press) => ({
  token,
  chatId: message.chatId,
  messageId: message.messageId,
  externalId: person.externalId,
});

type Change = Exclude<IncidentPressKind, 'runbook' | 'postMortem'>;

const ANSWERS: Record<Change, string> = {
  ack: 'Noted: you are at it.',
  mute: 'Muted for an hour. Repeats are counted meanwhile.',
  resolve: 'Resolved. If it happens again, it is a new incident.',
};

async function change(press: Press, kind: Change, deps: PressDeps): Promise<void> {
  const { rpc, outbound, cards } = deps;
  const pointer = toPointer(press);
  const acts: Record<Change, () => Promise<IncidentPressOutcome>> = {
    ack: () => ackIncident(rpc, pointer),
    mute: () => muteIncident(rpc, pointer, MUTE_SECONDS),
    resolve: () => resolveIncident(rpc, pointer),
  };
  const { code, incident } = await acts[kind]();
  const answered = outbound.answerPress(press.id, code === null ? ANSWERS[kind] : INCIDENT_TEXTS[code], { isAlert: code !== null });
  const isToRedraw = incident !== null && code !== 'wrong_message' && code !== 'no_role';
  await showDecision(deps, {
    now: isToRedraw ? [answered, cards.showIncident(incident.incidentId, press.signal)] : [answered],
    nudges: [],
  });
}

/** What the trail knows about it, as a file under the message, with room for what only people know. */
async function sendPostMortem(press: Press, { rpc, outbound, clock, time }: PressDeps): Promise<void> {
  const facts = await loadPostMortem(rpc, toPointer(press));
  if (facts.code !== null || facts.incident === null) {
    return outbound.answerPress(press.id, INCIDENT_TEXTS[facts.code ?? 'unknown_button'], { isAlert: true });
  }
  const answered = outbound.answerPress(press.id, 'The post-mortem follows as a file.');
  const { chatId, topicId, messageId } = press.message;
  const file = makePostMortemFile({ ...facts, incident: facts.incident }, { now: clock(), time });
  const caption = toView('What the trail knows. The questions at its end are for people.');
  await outbound.sendFile({ chatId, topicId }, { ...file, caption }, { replyTo: messageId, isSilent: true, signal: press.signal });
  await answered;
}
