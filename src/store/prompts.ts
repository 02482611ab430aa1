import { z } from 'zod';
import { RefusalCode, RequestView } from './approvals.ts';
import { fromSnake } from './rows.ts';
import type { Rpc } from './rpc.ts';
import { Nothing } from './shared-rows.ts';

const OpenedPrompt = fromSnake({ code: RefusalCode.nullable(), promptId: z.string().nullable(), request: RequestView.nullable() });

export interface NewPrompt {
  kind: 'reject' | 'edit';
  token: string;
  chatId: number;
  topicId: number | null;
  cardMessageId: number;
  externalId: number;
}

/** Reject and Edit ask one person to reply. As `ags_bot`. */
export function openPrompt(rpc: Rpc, prompt: NewPrompt) {
  return rpc.call(
    'open_prompt',
    {
      p_kind: prompt.kind,
      p_token: prompt.token,
      p_chat_id: prompt.chatId,
      p_topic_id: prompt.topicId,
      p_card_message_id: prompt.cardMessageId,
      p_external_id: prompt.externalId,
    },
    OpenedPrompt,
  );
}

/** As `ags_bot`. */
export async function recordPromptMessage(rpc: Rpc, promptId: string, messageId: number): Promise<void> {
  await rpc.call('record_prompt_message', { p_prompt_id: promptId, p_message_id: messageId }, Nothing);
}

const AskedPrompt = fromSnake({
  promptId: z.string(),
  kind: z.enum(['reject', 'edit', 'factor']),
  about: z.enum(['request', 'change', 'resume', 'doubt']),
  /** What is decided, as people call it. */
  reference: z.string(),
  /** Null for what belongs to no task. */
  taskId: z.string().nullable(),
  isExpired: z.boolean(),
  /** Answered, taken back, or asked anew for something else: a reply changes nothing any more. */
  isClosed: z.boolean(),
});

/** The question that this person's reply answers, the open one before a closed one, or null. As `ags_bot`. */
export function findPrompt(rpc: Rpc, reply: { chatId: number; replyToMessageId: number; externalId: number }) {
  return rpc.call(
    'find_prompt',
    { p_chat_id: reply.chatId, p_reply_to_message_id: reply.replyToMessageId, p_external_id: reply.externalId },
    AskedPrompt.nullable(),
  );
}

/** As `ags_bot`. */
export async function closePrompt(rpc: Rpc, promptId: string): Promise<void> {
  await rpc.call('close_prompt', { p_prompt_id: promptId }, Nothing);
}
