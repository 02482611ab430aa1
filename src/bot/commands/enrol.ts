import { beginEnrolment, confirmEnrolment, recordEnrolmentShown } from '../../store/second-factor.ts';
import type { CommandDeps } from '../deps.ts';
import { FACTOR_TEXTS } from '../errors.ts';
import { toView } from '../view.ts';
import { makeEnrolmentView } from '../views/enrolment.ts';
import { type Command, DECIDERS, type Invocation } from './command.ts';
import { propose } from './propose.ts';

const CODE = /^\d{3}\s?\d{3}$/;
const RESET = /^reset(?:\s+|$)/i;

export const enrol: Command = {
  name: 'enrol',
  group: 'People',
  description: 'A second factor for your approvals: codes from an authenticator app',
  usage: '/enrol [CODE|reset reason]',
  example: '/enrol 123456',
  roles: DECIDERS,
  isRefusedWhenStale: true,
  async run(invocation, deps) {
    const { args, asker } = invocation;
    if (RESET.test(args)) {
      // Whoever holds only the chat must not be able to do it alone: two others decide.
      await propose({ kind: 'factor_reset', payload: { external_id: asker.externalId } }, args.replace(RESET, ''), invocation, deps);
    } else if (CODE.test(args)) {
      await confirm(args, invocation, deps);
    } else {
      await begin(invocation, deps);
    }
  },
};

async function begin({ asker: { externalId }, chat, reply }: Invocation, { rpc, outbound }: CommandDeps): Promise<void> {
  const { code, secret, keyMessageId } = await beginEnrolment(rpc, { externalId, chatId: chat.chatId });
  if (secret === null) return void (await reply(toView(FACTOR_TEXTS[code ?? 'expired'])));
  const { messageId } = await reply(makeEnrolmentView(secret, externalId));
  await recordEnrolmentShown(rpc, { externalId, messageId });
  // A key that is worth nothing any more is only mistaken for the new one.
  if (keyMessageId !== null) await outbound.tryRemove({ ...chat, messageId: keyMessageId });
}

async function confirm(digits: string, { asker: { externalId }, chat, reply }: Invocation, { rpc, outbound }: CommandDeps): Promise<void> {
  const { code, keyMessageId } = await confirmEnrolment(rpc, { externalId, chatId: chat.chatId, code: digits });
  if (code !== null) return void (await reply(toView(FACTOR_TEXTS[code])));
  // Whoever reads this chat later must not find the key.
  const isGone = keyMessageId !== null && (await outbound.tryRemove({ ...chat, messageId: keyMessageId }));
  const key = isGone ? 'I have deleted my message with the key.' : '⚠️ I could not delete my message with the key: delete it yourself.';
  await reply(toView(`Enrolled. Where the policy asks for it, I ask you here for a code before your approval counts. ${key}`));
}
