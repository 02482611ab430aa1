import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { endWithUs } from './end-with-us.ts';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);

export interface PrivatePostgres {
  /** The owner's URL of the database `postgres`. */
  url: string;
  /** Of the process that all others of the server come from; another one after each start. */
  readonly pid: number;
  /** As a crash of the whole server: all of its processes at once, and nothing is written any more. */
  kill(): Promise<void>;
  /** Starts it again on the same port and the same files, if it does not run. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

export interface PrivatePostgresOptions {
  /** Writes as a server in production does, with PostgreSQL's own defaults: for measuring. */
  isDurable?: boolean;
  /** Further or other settings, such as `track_functions=all`. */
  settings?: readonly string[];
}

const START_TIMEOUT_MS = 30_000;
const CONNECTIONS = 'max_connections=200';
/** Nothing on this server outlives it, so that it need not be safe against a power cut. */
const HASTY = ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off', 'shared_buffers=32MB'];

/** Starts a PostgreSQL of its own, from the installed binaries, in a temporary directory and on a free port of the loopback. */
export async function startPrivatePostgres({ isDurable = false, settings = [] }: PrivatePostgresOptions = {}): Promise<PrivatePostgres> {
  const bindir = await findBindir();
  const user = await findUser();
  const dir = await mkdtemp(join(tmpdir(), 'ags-postgres-'));
  if (user) await chown(dir, user.uid, user.gid);
  const data = join(dir, 'data');
  try {
    await run(join(bindir, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], {
      ...user,
      cwd: dir,
    });
    return await startServer({ bindir, dir, data, user, settings: [CONNECTIONS, ...(isDurable ? [] : HASTY), ...settings] });
  } catch (thrown) {
    await rm(dir, { recursive: true, force: true });
    throw thrown;
  }
}

interface ServerOptions {
  bindir: string;
  dir: string;
  data: string;
  user: { uid: number; gid: number } | undefined;
  settings: readonly string[];
}

async function startServer({ bindir, dir, data, user, settings }: ServerOptions): Promise<PrivatePostgres> {
  const port = await findFreePort();
  const own = [`unix_socket_directories=${dir}`, 'listen_addresses=127.0.0.1', `port=${port}`];
  const flags = [...settings, ...own].flatMap((setting) => ['-c', setting]);
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    if (child !== undefined) return;
    child = spawn(join(bindir, 'postgres'), ['-D', data, ...flags], { ...user, cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
    // Its own word for ending at once: the others of the server end with it.
    endWithUs(child, 'SIGQUIT');
    await waitUntilReady(url, child);
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending?.pid === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    const children = signal === 'SIGKILL' ? await listChildren(ending.pid) : [];
    ending.kill(signal);
    await exited;
    // Those that outlive the first process would keep a new one from starting.
    for (const pid of children) tryKill(pid);
  }

  async function stop(): Promise<void> {
    // SIGINT is the fast shutdown: connections are ended, nothing is waited for.
    await end('SIGINT');
    await rm(dir, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  return {
    url,
    get pid() {
      return child?.pid ?? 0;
    },
    kill: () => end('SIGKILL'),
    start,
    stop,
  };
}

/** Linux only, as the servers that it runs on. */
async function listChildren(pid: number): Promise<number[]> {
  const text = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8').catch(() => '');
  return text.trim().split(' ').filter(Boolean).map(Number);
}

function tryKill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself when the first one did.
  }
}

async function waitUntilReady(url: string, child: ChildProcess): Promise<void> {
  const output: string[] = [];
  const keep = (text: Buffer) => void output.push(text.toString());
  child.stderr?.on('data', keep);
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      break;
    } catch (cause) {
      const isOver = child.exitCode !== null || child.signalCode !== null || Date.now() > deadline;
      if (isOver) throw new Error(`PostgreSQL did not start:\n${output.join('')}`, { cause });
      await wait(25);
    }
  }
  // What it says from here on is nobody's business, but the pipe has to be emptied.
  child.stderr?.off('data', keep).resume();
}

export async function findBindir(): Promise<string> {
  try {
    return (await run('pg_config', ['--bindir'])).stdout.trim();
  } catch (cause) {
    throw new Error('There is no PostgreSQL here: install it (Debian: postgresql and libpq-dev), or name a server by TEST_DATABASE_URL', {
      cause,
    });
  }
}

/** PostgreSQL refuses to run as root; then it runs as its own user, or as nobody. */
async function findUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
      return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
    } catch {
      // No such user on this system: the next one.
    }
  }
  throw new Error('PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody');
}
