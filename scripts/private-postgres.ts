import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);

export interface PrivatePostgres {
  /** The owner's URL of the database `postgres`. */
  url: string;
  /** Of the process that all others of the server come from. */
  pid: number;
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
  const child = spawn(join(bindir, 'postgres'), ['-D', data, ...flags], { ...user, cwd: dir, stdio: ['ignore', 'ignore', 'pipe'] });
  const output: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => output.push(text));
  const exited = once(child, 'exit');
  const stop = async () => {
    // SIGINT is the fast shutdown: connections are ended, nothing is waited for.
    if (child.exitCode === null) child.kill('SIGINT');
    await exited;
    await rm(dir, { recursive: true, force: true });
  };
  const url = `postgresql://postgres@127.0.0.1:${port}/postgres`;
  try {
    await waitUntilReady(url, () => child.exitCode !== null);
    return { url, pid: child.pid ?? 0, stop };
  } catch (cause) {
    await stop();
    throw new Error(`PostgreSQL did not start:\n${output.join('')}`, { cause });
  }
}

async function waitUntilReady(url: string, hasExited: () => boolean): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (thrown) {
      if (hasExited() || Date.now() > deadline) throw thrown;
      await wait(25);
    }
  }
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
