import { type Api, InputFile } from 'grammy';
import type { Message, MessageEntity } from 'grammy/types';
import type { ChatRef, MessageRef } from '../domain/message.ts';
import { Entity, type PostPart } from '../domain/post.ts';
import type { Messenger, SendOptions, SendResult } from '../effects/messenger.ts';
import { AppError } from '../errors.ts';
import { toGrammySignal } from './api.ts';
import { attemptInTurn } from './call.ts';
import type { Schedule } from './schedule.ts';
import { isShut, isSourceMissing, type TelegramFailure } from './telegram-errors.ts';

/**
 * Implements the effects' messenger: one try, and an honest word about what became of it. It never stands waiting either: between the gate's
 * last question and the message there must be no time for a stop. Whoever sends comes again, and asks the gate again.
 */
export function makeMessenger({ api, schedule }: { api: Api; schedule: Schedule }): Messenger {
  async function run(
    { method, target, signal, isFresh = () => true }: { method: string; target: ChatRef } & Pick<SendOptions, 'signal' | 'isFresh'>,
    send: (signal: AbortSignal) => Promise<{ messageId: number; shown: { text: string; entities: Entity[] } | null }>,
  ): Promise<SendResult> {
    if (signal.aborted) return { outcome: 'refused', reason: 'unavailable', description: 'not sent: interrupted' };
    // Nothing is waited for between this look and the call: what was held up since the gate's answer, or slept, ends here.
    const sendFresh = (patience: AbortSignal) => (isFresh() ? send(patience) : Promise.resolve(null));
    const call = { method, chatId: target.chatId, priority: 'answer', signal } as const;
    try {
      const attempt = await attemptInTurn(sendFresh, call, { turn: schedule.take(call), schedule });
      if (!attempt.ok) return toRefusal(attempt.failure);
      if (attempt.value === null) return { outcome: 'refused', reason: 'late', description: 'not sent: too long after the gate was asked' };
      const { messageId, shown } = attempt.value;
      return { outcome: 'sent', message: { ...target, messageId }, shown };
    } catch (thrown) {
      if (!(thrown instanceof AppError) || thrown.code !== 'aborted') throw thrown;
      return { outcome: 'unknown', description: 'interrupted while sending' };
    }
  }

  return {
    sendPart(part, media, target, options) {
      if (part.kind === 'photo' && media === null) {
        return Promise.resolve({ outcome: 'refused', reason: 'invalid', description: 'not sent: the picture’s bytes are missing' });
      }
      const call = {
        method: part.kind === 'photo' ? 'sendPhoto' : 'sendMessage',
        target,
        signal: options.signal,
        isFresh: options.isFresh,
      };
      return run(call, async (signal) => {
        const message = await sendPart(api, part, media, target, { ...options, signal });
        return { messageId: message.message_id, shown: toShown(message) };
      });
    },
    copyMessage(source, target, options) {
      return run({ method: 'copyMessage', target, signal: options.signal, isFresh: options.isFresh }, async (signal) => {
        const { message_id: messageId } = await copyMessage(api, source, target, { ...options, signal });
        return { messageId, shown: null };
      });
    },
  };
}

function sendPart(api: Api, part: PostPart, media: Uint8Array | null, target: ChatRef, options: SendOptions): Promise<Message> {
  const { chatId } = target;
  const common = toCommon(target, options);
  const { text, entities } = part;
  const signal = toGrammySignal(options.signal);
  if (part.kind === 'photo' && media !== null) {
    const photo = new InputFile(media, `${part.media_checksum.slice(0, 8)}.png`);
    return api.sendPhoto(chatId, photo, { ...common, caption: text, caption_entities: toMessageEntities(entities) }, signal);
  }
  // No preview: what a link's page shows is not what was judged and approved.
  return api.sendMessage(
    chatId,
    text,
    { ...common, entities: toMessageEntities(entities), link_preview_options: { is_disabled: true } },
    signal,
  );
}

function copyMessage(api: Api, source: MessageRef, target: ChatRef, options: SendOptions) {
  return api.copyMessage(target.chatId, source.chatId, source.messageId, toCommon(target, options), toGrammySignal(options.signal));
}

function toCommon({ topicId }: ChatRef, { replyTo, isSilent = false }: SendOptions) {
  return {
    message_thread_id: topicId ?? undefined,
    disable_notification: isSilent,
    reply_parameters: typeof replyTo === 'number' ? { message_id: replyTo, allow_sending_without_reply: true } : undefined,
  };
}

/** The domain's entities are spelled as the Bot API spells them; its types want `url` exactly where the type needs it. */
function toMessageEntities(entities: readonly Entity[]): MessageEntity[] {
  return entities.map((entity) => entity as MessageEntity);
}

/**
 * What Telegram shows, in the domain's terms. Links, mentions, hashtags and the like that Telegram finds by itself are none of the
 * domain's entity types, and so fall away here.
 */
function toShown(message: Message): { text: string; entities: Entity[] } {
  const entities = [...(message.entities ?? message.caption_entities ?? [])].flatMap((entity) => {
    const parsed = Entity.safeParse(entity);
    return parsed.success ? [parsed.data] : [];
  });
  return { text: message.text ?? message.caption ?? '', entities };
}

function toRefusal(failure: TelegramFailure): SendResult {
  const { description } = failure;
  if (failure.kind === 'flood' || failure.kind === 'held')
    return { outcome: 'refused', reason: 'flood', retryAfterMs: failure.retryAfterMs, description };
  // A 5xx may come from something in front of the Bot API that gave up waiting, after the message had left.
  if (failure.kind === 'unknown' || (failure.kind === 'answered' && failure.status >= 500)) return { outcome: 'unknown', description };
  if (failure.kind === 'unreachable') return { outcome: 'refused', reason: 'unavailable', description };
  if (isSourceMissing(failure)) return { outcome: 'refused', reason: 'source_missing', description };
  if (failure.status === 401 || isShut(failure)) return { outcome: 'refused', reason: 'forbidden', description };
  const { migrateToChatId: newChatId } = failure;
  if (newChatId === undefined) return { outcome: 'refused', reason: 'invalid', description };
  return { outcome: 'refused', reason: 'moved', newChatId, description: `${description} (the group is now ${newChatId})` };
}
