import { commandKey, parseScope } from '../commands.ts';
import { BOT_USER } from '../people.ts';
import { refuse } from '../refusal.ts';
import type { BotCommand } from '../wire.ts';
import type { CallContext, Method } from './context.ts';
import { readableChat } from './target.ts';

const MAX_COMMANDS = 100;
const MAX_DESCRIPTION_LENGTH = 256;

export const getMe: Method = () => ({
  ...BOT_USER,
  can_join_groups: true,
  can_read_all_group_messages: false,
  supports_inline_queries: false,
  can_connect_to_business: false,
  has_main_web_app: false,
});

export const setMyCommands: Method = (context) => {
  const json = context.params.json('commands');
  if (json === 'invalid') refuse("can't parse commands JSON object");
  const list: unknown = json?.value ?? [];
  if (!Array.isArray(list)) refuse('expected an Array of BotCommand');
  if (list.length > MAX_COMMANDS) refuse('BOT_COMMANDS_TOO_MUCH');
  const commands = list.map(parseCommand);
  context.hub.commit([{ type: 'commands', key: readScopeKey(context), commands }]);
  return true;
};

export const getMyCommands: Method = (context) => context.hub.state.commands.get(readScopeKey(context)) ?? [];

export const deleteMyCommands: Method = (context) => {
  context.hub.commit([{ type: 'commands', key: readScopeKey(context), commands: null }]);
  return true;
};

function parseCommand(raw: unknown): BotCommand {
  const fields: { command?: unknown; description?: unknown } =
    typeof raw === 'object' && raw !== null ? raw : refuse("can't parse BotCommand: expected an Object");
  const command = String(fields.command ?? '')
    .trim()
    .replace(/^\//, '');
  const description = String(fields.description ?? '').trim();
  if (command === '') refuse('command must be non-empty');
  if (command.length > 32) refuse('command length must not exceed 32');
  if (!/^[a-z0-9_]+$/.test(command)) refuse('BOT_COMMAND_INVALID');
  if (description === '') refuse('command description must be non-empty');
  if (description.length > MAX_DESCRIPTION_LENGTH) refuse(`command description length must not exceed ${MAX_DESCRIPTION_LENGTH}`);
  return { command, description };
}

/** Checks the scope's chat as Telegram does: the bot must know it. */
function readScopeKey(context: CallContext): string {
  const json = context.params.json('scope');
  if (json === 'invalid') refuse("can't parse BotCommandScope JSON object");
  const scope = parseScope(json?.value) ?? refuse("can't parse BotCommandScope: unsupported type specified");
  if ('chat_id' in scope) {
    const named = new Map<string, unknown>([['chat_id', scope.chat_id]]);
    readableChat({ ...context, params: context.params.with(named) });
  }
  return commandKey(scope, context.params.text('language_code'));
}

const setField =
  (field: string, parameter: string, maxLength: number): Method =>
  ({ hub, params }) => {
    const value = params.text(parameter).trim();
    if (value.length > maxLength) refuse(`${parameter} is too long`);
    hub.commit([{ type: 'profile', field: `${field}:${params.text('language_code')}`, value }]);
    return true;
  };

const getField =
  (field: string, parameter: string, fallback = ''): Method =>
  ({ hub, params }) => {
    const own = hub.state.profile.get(`${field}:${params.text('language_code')}`);
    return { [parameter]: own ?? hub.state.profile.get(`${field}:`) ?? fallback };
  };

export const setMyDescription = setField('description', 'description', 512);
export const getMyDescription = getField('description', 'description');
export const setMyShortDescription = setField('short_description', 'short_description', 120);
export const getMyShortDescription = getField('short_description', 'short_description');
export const setMyName = setField('name', 'name', 64);
export const getMyName = getField('name', 'name', BOT_USER.first_name);

export const setChatMenuButton: Method = (context) => {
  const { hub, params } = context;
  const chatId = params.has('chat_id') ? readableChat(context).id : 0;
  if (chatId < 0) refuse('invalid chat_id specified');
  const json = params.json('menu_button');
  if (json === 'invalid') refuse("can't parse menu button JSON object");
  hub.commit([{ type: 'menu_button', chatId, button: json?.value ?? { type: 'default' } }]);
  return true;
};

export const getChatMenuButton: Method = (context) => {
  const { hub, params } = context;
  const chatId = params.has('chat_id') ? readableChat(context).id : 0;
  return hub.state.menuButtons.get(chatId) ?? hub.state.menuButtons.get(0) ?? { type: 'commands' };
};
