import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { openEmbeddedDatabase } from '../../src/embedded/pglite.ts';
import { listenSandbox } from '../../src/sandbox/listen.ts';
import { makeSandbox } from '../../src/sandbox/sandbox.ts';
import type { SandboxTelegram } from '../../src/sandbox/telegram.ts';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { makeOwnerSql, type Sql } from './owner-sql.ts';
import { until } from './telling.ts';

const MAIN = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const MIGRATIONS_DIR = fileURLToPath(new URL('../../supabase/migrations/', import.meta.url));
const START_TIMEOUT_MS = 30_000;

/** The program as a process of its own, as `node src/main.ts` starts it. */
export interface Program {
  pid: number;
  /** What it has logged so far, line by line. */
  lines: string[];
  stderr(): string;
  /** Where it serves; waits until it says that it has started. */
  started(): Promise<string>;
  signal(name: NodeJS.Signals): void;
  /** The exit code once it is over; null when a signal ended it. */
  ended: Promise<number | null>;
}

/** Variables that a process needs, and none of the machine's that would configure it. The tests' PostgreSQL writes hastily. */
const BARE = { PATH: process.env.PATH ?? '', HOME: process.env.HOME ?? '', NODE_ENV: 'test', AGS_ALLOW_UNSAFE_POSTGRES: '1' };

/** A developer's .env, which may hold a real bot's token, has no part in a story. */
const DIRECTLY = { command: [process.execPath, MAIN], cwd: tmpdir() };

export function startProgram(
  variables: Record<string, string>,
  args: readonly string[] = [],
  { command: [command = '', ...leading], cwd }: { command: string[]; cwd: string } = DIRECTLY,
): Program {
  const child: ChildProcess = spawn(command, [...leading, ...args], {
    cwd,
    env: { ...BARE, ...variables },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null || child.pid === undefined) throw new Error('the program did not start');
  const lines: string[] = [];
  let errors = '';
  createInterface({ input: stdout }).on('line', (line) => lines.push(line));
  stderr.on('data', (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  const findUrl = () => lines.map((line) => /"url":"(http[^"]+)".*"msg":"started/.exec(line)?.[1]).find(Boolean);
  return {
    pid: child.pid,
    lines,
    ended,
    stderr: () => errors,
    signal: (name) => void child.kill(name),
    started: async () => {
      const over = ended.then((code) => {
        throw new Error(`the program ended with ${code} instead of starting:\n${errors}\n${lines.slice(-5).join('\n')}`);
      });
      return Promise.race([until(findUrl, { timeoutMs: START_TIMEOUT_MS, what: 'the program to start' }), over]);
    },
  };
}

/** A Telegram and a data directory that outlive the processes of a test. */
export interface World extends AsyncDisposable {
  telegram: SandboxTelegram;
  dataDir: string;
  variables: Record<string, string>;
  /** Starts the program on them and waits until it has started. */
  start(more?: Record<string, string>): Promise<Program & { url: string }>;
  /** Looks into the database while no process is on it. */
  look<T>(look: (sql: Sql) => Promise<T>): Promise<T>;
}

export async function openWorld(more: Record<string, string> = {}): Promise<World> {
  const { olivia, oscar, adam, bella, rita } = PERSONAS;
  const dataDir = await mkdtemp(join(tmpdir(), 'ags-world-'));
  const sandbox = makeSandbox({ startedPersonaIds: [olivia.id, oscar.id, adam.id, bella.id, rita.id] });
  const listening = await listenSandbox(sandbox);
  const running: Program[] = [];
  const variables = {
    PORT: '0',
    DATA_DIR: dataDir,
    TELEGRAM_BOT_TOKEN: SANDBOX_BOT.token,
    TELEGRAM_API_ROOT: listening.apiRoot,
    AGS_OWNER_IDS: `${olivia.id},${oscar.id}`,
    AGS_OPERATOR_IDS: `${adam.id},${bella.id}`,
    AGS_REVIEWER_IDS: `${rita.id}`,
    AGS_ADMIN_CHAT_ID: `${CHATS.admin.id}`,
    AGS_ALERT_CHAT_ID: `${CHATS.alerts.id}`,
    AGS_SIGNALS_CHAT_ID: `${CHATS.signals.id}`,
    ...more,
  };
  return {
    telegram: sandbox.telegram,
    dataDir,
    variables,
    async start(further = {}) {
      const program = startProgram({ ...variables, ...further });
      running.push(program);
      return { ...program, url: await program.started() };
    },
    async look(look) {
      const db = await openEmbeddedDatabase({ storage: { dataDir }, migrationsDir: MIGRATIONS_DIR, log: { info: () => undefined } });
      const owner = makeOwnerSql(db);
      try {
        return await look(owner.sql);
      } finally {
        await owner.close();
        await db.close();
      }
    },
    async [Symbol.asyncDispose]() {
      for (const program of running) program.signal('SIGKILL');
      await Promise.all(running.map(({ ended }) => ended));
      await listening.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
