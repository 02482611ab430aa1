import { beginEnrolment, confirmEnrolment } from '../../store/second-factor.ts';
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

async function begin({ asker: { externalId }, chat: { chatId }, reply }: Invocation, { rpc }: CommandDeps): Promise<void> {
  const { code, secret } = await beginEnrolment(rpc, { externalId, chatId });
  await reply(secret === null ? toView(FACTOR_TEXTS[code ?? 'expired']) : makeEnrolmentView(secret, externalId));
}

async function confirm(
  digits: string,
  { asker: { externalId }, chat: { chatId }, reply }: Invocation,
  { rpc }: CommandDeps,
): Promise<void> {
  const { code } = await confirmEnrolment(rpc, { externalId, chatId, code: digits });
  await reply(
    toView(
      code === null ? 'Enrolled. Where the policy asks for it, I ask you here for a code before your approval counts.' : FACTOR_TEXTS[code],
    ),
  );
}
