import { listPostedTasks, type PostedTask } from '../../store/audit.ts';
import type { CommandDeps } from '../deps.ts';

/** The address of a message, as Telegram's clients copy it. */
export interface PostedLink {
  /** Where only members see it, its id; where everybody does, its name. */
  chat: { id: number } | { name: string };
  messageId: number;
}

/** Reads such an address, with or without a topic in it. Null for anything else. */
export function readPostedLink(text: string): PostedLink | null {
  const address = /^[a-z]+:\/\//i.test(text) ? text : `https://${text}`;
  if (!URL.canParse(address)) return null;
  const { hostname, pathname, protocol } = new URL(address);
  if (!/^https?:$/.test(protocol) || !/^(www\.)?(t|telegram)\.me$/.test(hostname)) return null;
  const [, internalId, id] = /^\/c\/(\d{1,15})\/(?:\d{1,15}\/)?(\d{1,15})\/?$/.exec(pathname) ?? [];
  // Ids of supergroups and channels are this and the number in the address.
  if (internalId !== undefined) return { chat: { id: Number(`-100${internalId}`) }, messageId: Number(id) };
  const [, name, publicId] = /^\/([A-Za-z]\w{3,31})\/(?:\d{1,15}\/)?(\d{1,15})\/?$/.exec(pathname) ?? [];
  return name === undefined ? null : { chat: { name }, messageId: Number(publicId) };
}

/** Which task let the message out, or null. A public name is looked up among the chats that a message of this number went to. */
export async function findPosted(
  { chat, messageId }: PostedLink,
  { rpc, findChatName }: Pick<CommandDeps, 'rpc' | 'findChatName'>,
  signal: AbortSignal,
): Promise<PostedTask | null> {
  const found = await listPostedTasks(rpc, { chatId: 'id' in chat ? chat.id : null, messageId });
  if ('id' in chat) return found[0] ?? null;
  const wanted = `https://t.me/${chat.name}`.toLowerCase();
  for (const posted of found) {
    const { url } = await findChatName(posted.chatId, signal);
    if (url?.toLowerCase() === wanted) return posted;
  }
  return null;
}
