import { listCards } from '../../store/cards.ts';
import { fmt, link, toView } from '../view.ts';
import { toMessageUrl } from '../views/message-link.ts';
import type { Press, PressDeps } from './press.ts';

/**
 * A card that was sent, and sent again because a crash came before its message was noted: both show the same buttons, and the one that was noted counts.
 * Whoever decides on the other is led to it, and the other loses its buttons. Only for what Telegram shows on that very message: anybody
 * can write a press by hand, and no other message of ours is overwritten for it.
 */
export async function retireTwin(press: Press, stepId: string, { rpc, outbound }: Pick<PressDeps, 'rpc' | 'outbound'>): Promise<void> {
  if (!press.isOnButton) return;
  const { chatId, messageId } = press.message;
  const counting = (await listCards(rpc, stepId)).find((card) => card.chatId === chatId)?.messageId ?? null;
  if (counting === null || counting === messageId) return;
  const url = toMessageUrl({ chatId, messageId: counting });
  const other = url === null ? fmt`the other one in this chat` : link('the other one', url);
  await outbound.edit(press.message, toView(fmt`This card was sent twice, and ${other} counts. Decide there.`), {
    priority: 'approval',
    signal: press.signal,
  });
}
