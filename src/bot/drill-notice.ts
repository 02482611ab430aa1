import type { ChatRef } from '../domain/message.ts';
import type { Face } from '../jobs/face.ts';
import type { Outbound } from './outbound.ts';
import { toView } from './view.ts';
import { makeDrillView, makeFallbackView } from './views/drill.ts';

/** Tells whoever asked how the drill ended; the admin group hears of one that did not hold, whoever asked. */
export function makeDrillNotice({ outbound, adminChat }: { outbound: Outbound; adminChat: ChatRef }): Face['tellDrill'] {
  return async (drill, signal) => {
    const view = toView(makeDrillView(drill));
    const { chatId, topicId, messageId } = drill;
    const answer = chatId === null ? [] : [outbound.send({ chatId, topicId }, view, { replyTo: messageId, signal })];
    const isAlarm = drill.outcome === 'failed' && chatId !== adminChat.chatId;
    const alarm = isAlarm ? [outbound.send(adminChat, view, { priority: 'urgent', signal })] : [];
    await Promise.all([...answer, ...alarm]);
  };
}

/** Tells whoever asked what became of each fallback; of one that did not work the alert channel hears as of any incident. */
export function makeFallbackNotice({ outbound }: { outbound: Outbound }): Face['tellFallbackCheck'] {
  return async (check, signal) => {
    const { chatId, topicId, messageId } = check;
    if (chatId !== null) await outbound.send({ chatId, topicId }, toView(makeFallbackView(check)), { replyTo: messageId, signal });
  };
}
