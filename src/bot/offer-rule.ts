import type { InlineKeyboardMarkup } from 'grammy/types';
import { toAppError } from '../errors.ts';
import { offerRule } from '../store/denials.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import { makeKeepKeyboard } from './views/denial.ts';

/** The button for whoever has just rejected. The rejection stands without it: what does not work here leaves the button out. */
export async function tryOfferRule(
  { rpc, log }: { rpc: Rpc; log: Logger },
  rejection: { reference: string; externalId: number; chatId: number },
): Promise<InlineKeyboardMarkup | undefined> {
  try {
    const token = await offerRule(rpc, rejection);
    return token === null ? undefined : makeKeepKeyboard(token);
  } catch (thrown) {
    log.warn({ err: toAppError(thrown), reference: rejection.reference }, 'a rejection could not be offered as a rule');
    return undefined;
  }
}
