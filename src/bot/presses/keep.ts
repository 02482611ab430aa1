import { keepRule } from '../../store/denials.ts';
import { RULE_TEXTS } from '../errors.ts';
import { toView } from '../view.ts';
import { makeKeptRule } from '../views/denial.ts';
import { meetPresser, type Press, type PressDeps, showDecision } from './press.ts';

/** "Do not ask again": the rejection that stands above it becomes a rule. Its button goes, and what follows from it is said. */
export async function pressOnKeep(press: Press, deps: PressDeps): Promise<void> {
  const { outbound, rpc, clock, time, findChatName } = deps;
  await meetPresser(press, deps);
  const { message, signal, token } = press;
  const { code, rule } = await keepRule(rpc, { token, ...message, externalId: press.person.externalId });
  if (code !== null || rule === null) return outbound.answerPress(press.id, RULE_TEXTS[code ?? 'unknown_button'], { isAlert: true });
  const answered = outbound.answerPress(press.id, 'Noted: not to be asked again for 24 hours.');
  const target = await findChatName(rule.targetChatId, signal);
  const drawn = outbound.edit(message, toView(makeKeptRule(rule, { target, now: clock(), time })), { priority: 'approval', signal });
  await showDecision(deps, { now: [answered, drawn], nudges: [] });
}
