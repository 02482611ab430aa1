import { type AnchorUrl, listAnchorProblems, toAnchorUrl } from './config/anchor-url.ts';
import { listCrashProblems } from './config/crash-point.ts';
import { type EngineConfig, toEngines } from './config/engines.ts';
import { findRoles, type ProcessRole } from './config/roles.ts';
import type { Secret } from './config/secret.ts';
import { chooseStack, listStackProblems, type StackConfig } from './config/stack.ts';
import {
  type ChatsConfig,
  listTelegramProblems,
  type PeopleConfig,
  type SandboxDefaults,
  type TelegramConfig,
  toChats,
  toPeople,
  toTelegram,
} from './config/telegram.ts';
import { type IsSet, type LogLevel, VARIABLE_NAMES, Variables } from './config/variables.ts';
import type { CrashPoint } from './domain/crash-points.ts';
import { AppError } from './errors.ts';

export type { AnchorUrl } from './config/anchor-url.ts';
export { type ProcessRole, parseRoles } from './config/roles.ts';
export { Secret } from './config/secret.ts';
export { listSecretValues } from './config/secret-values.ts';
export type { BlobConfig, QueueConfig, StoreConfig } from './config/stack.ts';
export { type SandboxDefaults, TELEGRAM_WEBHOOK_PATH } from './config/telegram.ts';
export { type LogLevel, VARIABLE_NAMES } from './config/variables.ts';
export type { EngineConfig };

export type Environment = Readonly<Record<string, string | undefined>>;

/** Everything the environment decides, complete: whoever reads it needs no default of their own. */
export interface Config extends StackConfig {
  roles: readonly ProcessRole[];
  telegram: TelegramConfig;
  people: PeopleConfig;
  chats: ChatsConfig;
  engines: EngineConfig;
  migrateDatabaseUrl: Secret | null;
  policyFile: string;
  tradingviewSecret: Secret | null;
  paymentsSecret: Secret | null;
  ton: { apiUrl: string; walletAddress: string } | null;
  anchorUrl: AnchorUrl | null;
  /** A PostgreSQL that loses data is only warned of; development alone. */
  isUnsafePostgresAllowed: boolean;
  http: { port: number; host: string };
  dataDir: string;
  timezone: string;
  logLevel: LogLevel;
  otlpEndpoint: string | null;
  /** Where this process is to die; tests alone. */
  crashPoint: CrashPoint | null;
}

/** An empty variable is an unset one: compose files and `.env` files leave them empty. */
function pickVariables(env: Environment): Record<string, string> {
  const entries = VARIABLE_NAMES.map((name) => [name, env[name]?.trim() ?? ''] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== ''));
}

function listTonProblems(isSet: IsSet): string[] {
  const hasUrl = isSet('TON_API_URL');
  if (hasUrl === isSet('TON_WALLET_ADDRESS')) return [];
  const [missing, present] = hasUrl ? ['TON_WALLET_ADDRESS', 'TON_API_URL'] : ['TON_API_URL', 'TON_WALLET_ADDRESS'];
  return [`${missing}: is missing, though ${present} is set; TON payments need both`];
}

/** Everything that is wrong, each as one line that names the variable and the remedy. */
function listProblems(issues: readonly { path: PropertyKey[]; message: string }[], isSet: IsSet, isSingleRole: boolean): string[] {
  const values = issues.map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
  return [...values, ...listTelegramProblems(isSet, isSingleRole), ...listStackProblems(isSet, isSingleRole), ...listTonProblems(isSet)];
}

function refuse(problems: string[]): never {
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  throw new AppError('config_invalid', `The configuration has ${count}`, { context: { problems } });
}

function toConfig(variables: Variables, parts: Pick<Config, 'roles' | 'people' | 'chats' | 'engines'>): Config {
  const { TON_API_URL: apiUrl, TON_WALLET_ADDRESS: walletAddress } = variables;
  return {
    ...parts,
    ...chooseStack(variables),
    telegram: toTelegram(variables),
    migrateDatabaseUrl: variables.MIGRATE_DATABASE_URL ?? variables.DATABASE_URL ?? null,
    policyFile: variables.AGS_POLICY_FILE,
    tradingviewSecret: variables.TRADINGVIEW_SECRET ?? null,
    paymentsSecret: variables.PAYMENTS_WEBHOOK_SECRET ?? null,
    ton: apiUrl !== undefined && walletAddress !== undefined ? { apiUrl, walletAddress } : null,
    anchorUrl: toAnchorUrl(variables),
    isUnsafePostgresAllowed: variables.AGS_ALLOW_UNSAFE_POSTGRES === '1',
    http: { port: variables.PORT, host: variables.HOST },
    dataDir: variables.DATA_DIR,
    timezone: variables.AGS_TIMEZONE,
    logLevel: variables.LOG_LEVEL,
    otlpEndpoint: variables.OTEL_EXPORTER_OTLP_ENDPOINT ?? null,
    crashPoint: variables.AGS_CRASH_AT ?? null,
  };
}

export interface ParseConfigOptions {
  /** The program's own arguments, without node and script. */
  argv?: readonly string[];
  /** What people and chats are when no bot is configured. */
  sandboxDefaults: SandboxDefaults;
}

/** The policy file that the environment names, or the default's; known also where the rest of the environment is of no use. */
export const findPolicyFile = (env: Environment): string => Variables.shape.AGS_POLICY_FILE.parse(pickVariables(env).AGS_POLICY_FILE);

/**
 * Makes one complete configuration of the environment, or throws `config_invalid` with every problem in `context.problems`, each a
 * line for people that names the variable and the remedy.
 */
export function parseConfig(env: Environment, { argv = [], sandboxDefaults }: ParseConfigOptions): Config {
  const picked = pickVariables(env);
  const isSet: IsSet = (name) => picked[name] !== undefined;
  const found = findRoles(argv);
  const roleProblems = 'problem' in found ? [found.problem] : [];
  const roles = 'roles' in found ? found.roles : [];
  const result = Variables.safeParse(picked);
  const otherProblems = [...listAnchorProblems(isSet, picked.AGS_ANCHOR_URL), ...listCrashProblems(isSet, env.NODE_ENV)];
  const problems = [...roleProblems, ...listProblems(result.error?.issues ?? [], isSet, roles.length === 1), ...otherProblems];
  const sandbox = isSet('TELEGRAM_BOT_TOKEN') ? null : sandboxDefaults;
  const chats = result.success ? toChats(result.data, sandbox) : null;
  if (!result.success || chats === null || problems.length > 0) refuse(problems);
  return toConfig(result.data, { roles, people: toPeople(result.data, sandbox), chats, engines: toEngines(result.data, env) });
}
