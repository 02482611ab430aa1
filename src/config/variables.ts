import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { CRASH_POINTS } from '../domain/crash-points.ts';
import { anchorUrl, anySecret, chat, host, httpUrl, oneOf, port, secret, secretUrl, text, timezone, tonWallet, userIds } from './fields.ts';

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Shipped with the program: it is found from whatever directory the program is started in. */
const DEFAULT_POLICY_FILE = fileURLToPath(new URL('../../policies/default.yaml', import.meta.url));

/** Supabase's transaction pooler listens here. It keeps neither `set role` nor prepared statements between two calls. */
const TRANSACTION_POOLER_PORT = '6543';

const postgresUrl = secretUrl(['postgres:', 'postgresql:'], {
  example: 'postgresql://login:password@host:5432/postgres',
  refuse: (url) =>
    url.port === TRANSACTION_POOLER_PORT && /\.supabase\.(co|com)$/.test(url.hostname)
      ? 'port 6543 is the transaction pooler, which cannot be used here; take the direct connection or the session pooler (port 5432)'
      : null,
});

/** Every variable that the program reads, and what it may hold. `.env.example` explains each of them. */
export const Variables = z.object({
  TELEGRAM_BOT_TOKEN: secret(/^\d{1,20}:[A-Za-z0-9_-]+$/, 'the token from @BotFather, such as 123456789:AA…').optional(),
  TELEGRAM_API_ROOT: httpUrl({ example: 'https://api.telegram.org' }).default('https://api.telegram.org'),
  TELEGRAM_WEBHOOK_URL: httpUrl({ example: 'https://ags.example.com', isSecure: true }).optional(),
  TELEGRAM_WEBHOOK_SECRET: secret(
    /^[A-Za-z0-9_-]{1,256}$/,
    '1 to 256 of the characters A–Z a–z 0–9 _ -, such as `openssl rand -hex 32` prints',
  ).optional(),

  AGS_OWNER_IDS: userIds.optional(),
  AGS_OPERATOR_IDS: userIds.optional(),
  AGS_REVIEWER_IDS: userIds.optional(),
  AGS_ADMIN_CHAT_ID: chat.optional(),
  AGS_ALERT_CHAT_ID: chat.optional(),
  AGS_SIGNALS_CHAT_ID: chat.optional(),
  AGS_VIP_CHAT_ID: chat.optional(),

  SUPABASE_URL: httpUrl({ example: 'https://abcdefgh.supabase.co', isSecure: true }).optional(),
  SUPABASE_SECRET_KEY: anySecret.optional(),
  SUPABASE_JWT_SECRET: anySecret.optional(),
  DATABASE_URL: postgresUrl.optional(),
  MIGRATE_DATABASE_URL: postgresUrl.optional(),
  REDIS_URL: secretUrl(['redis:', 'rediss:'], { example: 'redis://:password@host:6379/0' }).optional(),
  AGS_ALLOW_UNSAFE_REDIS: oneOf(['0', '1']).default('0'),
  AGS_ALLOW_UNSAFE_POSTGRES: oneOf(['0', '1']).default('0'),

  OPENAI_API_KEY: anySecret.optional(),
  OPENAI_BASE_URL: httpUrl({ example: 'https://api.openai.com/v1' }).optional(),
  AGS_MODEL: text.optional(),
  AGS_MODEL_FAST: text.optional(),
  AGS_EMBEDDING_MODEL: text.optional(),

  AGS_POLICY_FILE: text.default(DEFAULT_POLICY_FILE).transform((path) => resolve(path)),
  TRADINGVIEW_SECRET: anySecret.optional(),
  PAYMENTS_WEBHOOK_SECRET: anySecret.optional(),
  TON_API_URL: httpUrl({ example: 'https://toncenter.com/api/v3', isSecure: true }).optional(),
  TON_WALLET_ADDRESS: tonWallet.optional(),
  AGS_ANCHOR_URL: anchorUrl.optional(),
  AWS_ACCESS_KEY_ID: text.optional(),
  AWS_SECRET_ACCESS_KEY: anySecret.optional(),
  AWS_SESSION_TOKEN: anySecret.optional(),
  AWS_REGION: text.optional(),
  AWS_ENDPOINT_URL: httpUrl({ example: 'https://s3.example.com', isSecure: true }).optional(),

  PORT: port.default(8080),
  HOST: host.default('127.0.0.1'),
  DATA_DIR: text.default('.data').transform((path) => resolve(path)),
  AGS_TIMEZONE: timezone.default('UTC'),
  AGS_CRASH_AT: oneOf(CRASH_POINTS).optional(),
  LOG_LEVEL: oneOf(LOG_LEVELS).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: httpUrl({ example: 'http://127.0.0.1:4318' }).optional(),
});
export type Variables = z.infer<typeof Variables>;

export type VariableName = keyof Variables;
/** Whether a variable has been given a value, good or bad. What belongs together is judged by this, so that one bad value is one problem. */
export type IsSet = (name: VariableName) => boolean;

// Object.keys forgets the names that the schema's type knows.
export const VARIABLE_NAMES = Object.keys(Variables.shape) as readonly VariableName[];
