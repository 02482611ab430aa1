import type { ChatRef } from '../domain/message.ts';
import type { Secret } from './secret.ts';
import type { IsSet, Variables } from './variables.ts';

/** The sandbox's people and chats: what an empty variable stands for when there is no bot. */
export interface SandboxDefaults {
  ownerIds: readonly number[];
  operatorIds: readonly number[];
  reviewerIds: readonly number[];
  adminChat: ChatRef;
  alertChat: ChatRef;
  signalsChat: ChatRef;
  vipChat: ChatRef;
}

export interface TelegramConfig {
  /** Null: no bot is configured, the sandbox takes Telegram's place. */
  botToken: Secret | null;
  apiRoot: string;
  /** Null: updates are polled. `url` is where Telegram sends them. */
  webhook: { url: string; secretToken: Secret } | null;
}

/** Below TELEGRAM_WEBHOOK_URL. */
export const TELEGRAM_WEBHOOK_PATH = '/webhooks/telegram';

export interface PeopleConfig {
  ownerIds: readonly number[];
  operatorIds: readonly number[];
  reviewerIds: readonly number[];
}

export interface ChatsConfig {
  admin: ChatRef;
  alert: ChatRef;
  signals: ChatRef;
  vip: ChatRef | null;
}

export function toTelegram(variables: Variables): TelegramConfig {
  const { TELEGRAM_WEBHOOK_URL: baseUrl, TELEGRAM_WEBHOOK_SECRET: secretToken } = variables;
  const webhook = baseUrl !== undefined && secretToken !== undefined ? { url: toWebhookUrl(baseUrl), secretToken } : null;
  return { botToken: variables.TELEGRAM_BOT_TOKEN ?? null, apiRoot: variables.TELEGRAM_API_ROOT, webhook };
}

/** The whole address is a likely thing to set too, and means the same. */
const toWebhookUrl = (baseUrl: string) => (baseUrl.endsWith(TELEGRAM_WEBHOOK_PATH) ? baseUrl : baseUrl + TELEGRAM_WEBHOOK_PATH);

export function toPeople(variables: Variables, sandbox: SandboxDefaults | null): PeopleConfig {
  return {
    ownerIds: variables.AGS_OWNER_IDS ?? sandbox?.ownerIds ?? [],
    operatorIds: variables.AGS_OPERATOR_IDS ?? sandbox?.operatorIds ?? [],
    reviewerIds: variables.AGS_REVIEWER_IDS ?? sandbox?.reviewerIds ?? [],
  };
}

/** Null only when the admin group is missing, which `listTelegramProblems` reports. */
export function toChats(variables: Variables, sandbox: SandboxDefaults | null): ChatsConfig | null {
  const admin = variables.AGS_ADMIN_CHAT_ID ?? sandbox?.adminChat;
  if (admin === undefined) return null;
  return {
    admin,
    alert: variables.AGS_ALERT_CHAT_ID ?? sandbox?.alertChat ?? admin,
    signals: variables.AGS_SIGNALS_CHAT_ID ?? sandbox?.signalsChat ?? admin,
    vip: variables.AGS_VIP_CHAT_ID ?? sandbox?.vipChat ?? null,
  };
}

function listWebhookProblems(isSet: IsSet): string[] {
  const hasUrl = isSet('TELEGRAM_WEBHOOK_URL');
  if (hasUrl === isSet('TELEGRAM_WEBHOOK_SECRET')) return [];
  return hasUrl
    ? [
        'TELEGRAM_WEBHOOK_SECRET: is missing, without it anybody could send updates to TELEGRAM_WEBHOOK_URL; set a long random word, such as the one that `openssl rand -hex 32` prints',
      ]
    : ['TELEGRAM_WEBHOOK_URL: is missing, though TELEGRAM_WEBHOOK_SECRET is set; set both, or neither to poll for updates'];
}

/** Without a token the sandbox takes over: fine by itself, but not when the rest speaks of a real bot or of several processes. */
function listSandboxProblems(isSet: IsSet, isSingleRole: boolean): string[] {
  const missing = 'TELEGRAM_BOT_TOKEN: is missing,';
  const problems: string[] = [];
  for (const name of ['TELEGRAM_API_ROOT', 'TELEGRAM_WEBHOOK_URL'] as const) {
    if (isSet(name)) problems.push(`${missing} though ${name} is set; set the bot’s token, or unset ${name} for the sandbox`);
  }
  if (isSingleRole) problems.push(`${missing} the sandbox lives in one process; set the bot’s token, or start every role in one process`);
  return problems;
}

function listBotProblems(isSet: IsSet): string[] {
  const problems: string[] = [];
  if (!isSet('AGS_ADMIN_CHAT_ID')) {
    problems.push('AGS_ADMIN_CHAT_ID: is missing, a bot needs the group where approvals are asked for; set its id, such as -1001234567890');
  }
  if (!isSet('AGS_OWNER_IDS') && !isSet('AGS_OPERATOR_IDS') && !isSet('AGS_REVIEWER_IDS')) {
    problems.push('AGS_OWNER_IDS: is missing, nobody could use the bot; set the numeric Telegram ids of its owners, such as 111,112');
  }
  return problems;
}

export function listTelegramProblems(isSet: IsSet, isSingleRole: boolean): string[] {
  const own = isSet('TELEGRAM_BOT_TOKEN') ? listBotProblems(isSet) : listSandboxProblems(isSet, isSingleRole);
  return [...listWebhookProblems(isSet), ...own];
}
