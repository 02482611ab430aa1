import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { endWithUs } from './end-with-us.ts';
import { findFreePort } from './free-port.ts';

const run = promisify(execFile);

export interface PrivateRedis {
  url: string;
  port: number;
  /** As a crash or a power cut of the process: nothing is written any more. */
  kill(): Promise<void>;
  /** Starts it again on the same port and the same files, if it does not run. */
  start(): Promise<void>;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

export interface PrivateRedisOptions {
  /** Further or other settings, as on the command line of redis-server. */
  settings?: string[];
  /** When the settings ask for one, so that it is known when the server is ready. */
  password?: string;
}

const START_TIMEOUT_MS = 20_000;
/** What the program asks of a Redis: it evicts nothing, and what it has acknowledged survives a crash. */
const SETTINGS = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'];

/** Starts a Redis of its own, from the installed binary, in a temporary directory and on a free port of the loopback. */
export async function startPrivateRedis({ settings = [], password }: PrivateRedisOptions = {}): Promise<PrivateRedis> {
  await assertInstalled();
  const dir = await mkdtemp(join(tmpdir(), 'ags-redis-'));
  const port = await findFreePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir, '--daemonize', 'no', ...SETTINGS, ...settings];
  let child: ChildProcess | undefined;

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  }

  async function start(): Promise<void> {
    if (child !== undefined) return;
    child = spawn('redis-server', args, { cwd: dir, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithUs(child);
    await waitUntilReady(child, { port, password });
  }

  async function stop(): Promise<void> {
    await end('SIGTERM');
    await rm(dir, { recursive: true, force: true });
  }

  try {
    await start();
  } catch (thrown) {
    await stop();
    throw thrown;
  }
  const login = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
  return { url: `redis://${login}127.0.0.1:${port}`, port, kill: () => end('SIGKILL'), start, stop };
}

async function assertInstalled(): Promise<void> {
  try {
    await run('redis-server', ['--version']);
  } catch (cause) {
    throw new Error('There is no Redis here: install it (Debian: redis-server), or name a server by TEST_REDIS_URL', { cause });
  }
}

async function waitUntilReady(child: ChildProcess, { port, password }: { port: number; password: string | undefined }): Promise<void> {
  const output: string[] = [];
  const keep = (text: Buffer) => void output.push(text.toString());
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await isReady(port, password))) {
    if (child.exitCode !== null || child.signalCode !== null || Date.now() > deadline) {
      throw new Error(`Redis did not start:\n${output.join('')}`);
    }
    await wait(20);
  }
  // What it says from here on is nobody's business, but the pipe has to be emptied.
  child.stdout?.off('data', keep).resume();
  child.stderr?.off('data', keep).resume();
}

/** It answers and has read its files. */
async function isReady(port: number, password: string | undefined): Promise<boolean> {
  const redis = new Redis({ port, host: '127.0.0.1', password, lazyConnect: true, retryStrategy: null, enableReadyCheck: false });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return (await redis.ping()) === 'PONG';
  } catch {
    return false;
  } finally {
    redis.disconnect();
  }
}
