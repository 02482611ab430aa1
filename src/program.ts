/** The composition root: reads the settings, chooses the stack, starts the roles, and drains when it is asked to end. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import { listProblemLines, readSettings } from './app/settings.ts';
import { startApp } from './app/start-app.ts';
import { type Config, type Environment, listSecretValues } from './config.ts';
import { makeRehearsalEngine } from './embedded/rehearsal.ts';
import { AppError, toAppError } from './errors.ts';
import { assertDataDir } from './memory/data-dir.ts';
import { openStack } from './open-stack.ts';
import { redactPersonalData } from './policy/guards/pii.ts';
import { openFileJournal } from './sandbox/journal.ts';
import { makeSandbox } from './sandbox/sandbox.ts';
import { CHATS, PERSONA_LIST, type PersonaRole, SANDBOX_BOT } from './sandbox/world.ts';
import { type Logger, makeLogger } from './telemetry/log.ts';
import { makeMetrics } from './telemetry/metrics.ts';
import { serve } from './web/serve.ts';
import { makeStartingApp, type StartingPart } from './web/starting.ts';

/** `EX_CONFIG`: starting again will not help until somebody changes the configuration. */
const EXIT_CONFIG = 78;
/** The platform kills what has not ended by then. */
const DRAIN_MS = 9_500;
/** What the waiting server gives its last requests. */
const WAITING_GRACE_MS = 200;

const toPath = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const personasWith = (role: PersonaRole) => PERSONA_LIST.filter((persona) => persona.role === role).map(({ id }) => id);

const SANDBOX_DEFAULTS = {
  ownerIds: personasWith('owner'),
  operatorIds: personasWith('operator'),
  reviewerIds: personasWith('reviewer'),
  adminChat: { chatId: CHATS.admin.id, topicId: null },
  alertChat: { chatId: CHATS.alerts.id, topicId: null },
  signalsChat: { chatId: CHATS.signals.id, topicId: null },
  vipChat: { chatId: CHATS.vip.id, topicId: null },
};

/** Where this machine reaches what is bound to these; the sandbox answers nobody else. */
const LOOPBACK: Record<string, string> = {
  '127.0.0.1': '127.0.0.1',
  localhost: 'localhost',
  '::1': '[::1]',
  '0.0.0.0': '127.0.0.1',
  '::': '127.0.0.1',
};

/** Telegram, or, when no bot is configured, the sandbox in its place. Throws config_invalid when the sandbox could not be reached. */
function openTelegram({ telegram, dataDir, http }: Config) {
  if (telegram.botToken === null && LOOPBACK[http.host] === undefined) {
    const problem = `HOST: ${http.host} is no loopback address, and the sandbox answers on this machine only; unset HOST or set TELEGRAM_BOT_TOKEN`;
    throw new AppError('config_invalid', problem, { context: { problems: [problem] } });
  }
  if (telegram.botToken !== null) return { botToken: telegram.botToken.reveal(), toApiRoot: () => telegram.apiRoot, sandbox: null };
  const sandbox = makeSandbox({ journal: openFileJournal(join(dataDir, 'sandbox')) });
  const toApiRoot = (port: number) => `http://${LOOPBACK[http.host]}:${port}/sandbox/telegram`;
  return { botToken: SANDBOX_BOT.token, toApiRoot, sandbox };
}

/** The sandbox, the embedded database and artifacts as files are there; a process that only takes updates in has none of them. */
function usesDataDir({ telegram, blobs, roles }: Config): boolean {
  return telegram.botToken === null || (blobs.kind === 'files' && roles.some((role) => role !== 'web'));
}

/** Servers may have to be waited for, and meanwhile `/ready` says for which. */
async function openWatchedStack(config: Config, log: Logger, signal: AbortSignal) {
  let part: StartingPart = 'store';
  const onQueue = () => {
    part = 'queue';
  };
  const options = { migrationsDir: toPath('../supabase/migrations/'), log, signal, onQueue };
  if (config.store.kind === 'embedded') return openStack(config, options);
  const server = await serve(
    makeStartingApp(() => part),
    { ...config.http, graceMs: WAITING_GRACE_MS },
  );
  return openStack(config, options).finally(() => server.close());
}

async function run(config: Config, env: Environment, log: Logger, signal: AbortSignal): Promise<void> {
  if (usesDataDir(config)) await assertDataDir(config.dataDir);
  const telegram = openTelegram(config);
  const stack = await openWatchedStack(config, log, signal);
  try {
    const { sandbox, ...at } = telegram;
    const mount = (web: Hono) => void (sandbox && web.route('/', sandbox.app));
    const app = await startApp({
      config,
      env,
      stack,
      telegram: at,
      mount,
      rehearsal: makeRehearsalEngine(),
      promptsDir: toPath('./agents/prompts/'),
      log,
      metrics: makeMetrics(),
      signal,
    });
    const page = telegram.sandbox === null ? null : `${app.url}/sandbox`;
    log.info({ url: app.url, sandbox: page }, page === null ? 'started' : 'started; open the sandbox page in a browser');
    if (!signal.aborted) await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
    log.info('draining');
    await app.close();
  } finally {
    await telegram.sandbox?.close();
    await stack.close();
  }
  log.info('drained');
}

function tellProblems(error: AppError): void {
  // A single problem often is the message itself.
  const others = listProblemLines(error).filter((line) => line !== error.message);
  process.stderr.write(`${[error.message, ...others.map((line) => `  ${line}`)].join('\n')}\n`);
}

export interface ProgramOptions {
  env: Environment;
  /** The program's own arguments, without node and script. */
  argv: readonly string[];
  /** Asks it to end, also while it is still starting. */
  signal: AbortSignal;
}

/** Runs until it is asked to end and has drained, and answers with the exit code; what went wrong stands on stderr. */
export async function runProgram({ env, argv, signal }: ProgramOptions): Promise<number> {
  try {
    const config = await readSettings(env, { argv, sandboxDefaults: SANDBOX_DEFAULTS });
    const log = makeLogger({ level: config.logLevel, secrets: [...listSecretValues(env), SANDBOX_BOT.token], mask: redactPersonalData });
    if (signal.aborted) return 0;
    signal.addEventListener('abort', () => exitAnyway(log));
    await run(config, env, log, signal);
    return 0;
  } catch (thrown) {
    const error = toAppError(thrown);
    // Asked to end while it was still starting.
    if (signal.aborted && error.code === 'aborted') return 0;
    tellProblems(error);
    return ['config_invalid', 'policy_invalid', 'data_dir_locked'].includes(error.code) ? EXIT_CONFIG : 1;
  }
}

/** A drain that hangs must not keep the old process beside the new one. */
function exitAnyway(log: Logger): void {
  setTimeout(() => {
    log.error('drain took too long');
    process.exit(1);
  }, DRAIN_MS).unref();
}
