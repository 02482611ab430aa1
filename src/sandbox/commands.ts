import { isAdmin } from './people.ts';
import type { State } from './state.ts';
import type { BotCommand, CommandScope } from './wire.ts';

export function parseScope(raw: unknown): CommandScope | undefined {
  if (raw === undefined) return { type: 'default' };
  const { type, chat_id, user_id }: { type?: unknown; chat_id?: unknown; user_id?: unknown } =
    typeof raw === 'object' && raw !== null ? raw : {};
  switch (type) {
    case 'default':
    case 'all_private_chats':
    case 'all_group_chats':
    case 'all_chat_administrators':
      return { type };
    case 'chat':
    case 'chat_administrators':
      return { type, chat_id: Number(chat_id) };
    case 'chat_member':
      return { type, chat_id: Number(chat_id), user_id: Number(user_id) };
    default:
      return undefined;
  }
}

export function commandKey(scope: CommandScope, languageCode = ''): string {
  const chat = 'chat_id' in scope ? `/${scope.chat_id}` : '';
  const user = 'user_id' in scope ? `/${scope.user_id}` : '';
  return `${scope.type}${chat}${user}:${languageCode}`;
}

/** The menu a person sees in a chat: the narrowest scope that has commands wins, as Telegram documents it. */
export function commandsFor(state: State, chatId: number, userId: number): BotCommand[] {
  const isPrivate = chatId > 0;
  const scopes: CommandScope[] = isPrivate
    ? [{ type: 'chat', chat_id: chatId }, { type: 'all_private_chats' }, { type: 'default' }]
    : [
        { type: 'chat_member', chat_id: chatId, user_id: userId },
        ...(isAdmin(state, chatId, userId) ? [{ type: 'chat_administrators', chat_id: chatId } as const] : []),
        { type: 'chat', chat_id: chatId },
        ...(isAdmin(state, chatId, userId) ? [{ type: 'all_chat_administrators' } as const] : []),
        { type: 'all_group_chats' },
        { type: 'default' },
      ];
  const keys = scopes.flatMap((scope) => [commandKey(scope, 'en'), commandKey(scope)]);
  const key = keys.find((candidate) => (state.commands.get(candidate)?.length ?? 0) > 0);
  return key === undefined ? [] : (state.commands.get(key) ?? []);
}
