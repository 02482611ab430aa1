import { type Config, type Environment, parseConfig, type SandboxDefaults } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';

export const sandboxDefaults: SandboxDefaults = {
  ownerIds: [101, 102],
  operatorIds: [111],
  reviewerIds: [121],
  adminChat: { chatId: -1001, topicId: null },
  alertChat: { chatId: -1002, topicId: null },
  signalsChat: { chatId: -1003, topicId: null },
  vipChat: { chatId: -1004, topicId: null },
};

/** The least that a real bot needs. */
export const bot = {
  TELEGRAM_BOT_TOKEN: '123456:bot-token-of-the-test',
  AGS_OWNER_IDS: '7',
  AGS_ADMIN_CHAT_ID: '-100777',
} satisfies Environment;

export function parse(env: Environment, argv: string[] = []): Config {
  return parseConfig(env, { argv, sandboxDefaults });
}

/** What the operator would read. Empty when the configuration is good. */
export function problemsOf(env: Environment, argv: string[] = []): string[] {
  try {
    parse(env, argv);
    return [];
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'config_invalid') throw error;
    // parseConfig promises a list of lines here; a test that gets something else fails on it.
    return error.context.problems as string[];
  }
}
