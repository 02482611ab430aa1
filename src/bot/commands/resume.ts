import { redactPersonalData } from '../../policy/guards/pii.ts';
import { type ResumeChoice, resumeEffects } from '../../store/stop.ts';
import { CANNOT_ASK, END_OF_STOP, tryAskCode } from '../ask-code.ts';
import { RESUME_TEXTS } from '../errors.ts';
import { showResume } from '../show-resume.ts';
import { toView } from '../view.ts';
import { type Command, DECIDERS } from './command.ts';

export const resume: Command = {
  name: 'resume',
  group: 'Emergency',
  description: 'Lift the stop: two people, one of them an owner',
  usage: '/resume [cancel held] [reason]',
  example: '/resume the prices are right again',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const { args, asker, chat, reply, signal } = invocation;
    const { choice, reason } = readResume(redactPersonalData(args));
    const outcome = await resumeEffects(deps.rpc, { externalId: asker.externalId, reason, choice });
    if (outcome.outcome !== 'refused') return showResume(outcome, { name: asker.displayName, chat, signal, reply }, deps);
    const isAsked = await tryAskCode(deps, { promptId: outcome.promptId, reference: END_OF_STOP, externalId: asker.externalId }, signal);
    await reply(toView(isAsked ? RESUME_TEXTS[outcome.code ?? 'not_stopped'] : CANNOT_ASK), { priority: 'urgent' });
  },
};

/** `cancel held`, as the first words, ends what was held; anything else is the reason, and what was held goes on. */
export function readResume(args: string): { choice: ResumeChoice; reason: string } {
  const [, cancel, reason = ''] = /^(cancel\s+held(?=\s|$))?\s*([\s\S]*)$/i.exec(args.trim()) ?? [];
  return { choice: cancel === undefined ? 'continue' : 'cancel', reason };
}
