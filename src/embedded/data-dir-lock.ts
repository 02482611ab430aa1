import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { AppError } from '../errors.ts';
import { assertDataDir } from '../memory/data-dir.ts';

/**
 * One process at a time may use a data directory. Each writes a file of its own, `process-<pid>-<random>.lock`, and only then looks for
 * others: of two that start together at least one sees the other, so that never both go on. Who sees a living other takes its own file
 * back and refuses. As nobody ever takes over a file, a stale one of a dead process can be removed without a race.
 */
export interface DataDirLock {
  release(): Promise<void>;
}

export interface LockOptions {
  pid?: number;
  random?: () => number;
  signal?: AbortSignal;
}

const Holder = z.object({ pid: z.number().int().positive(), identity: z.string().nullable(), startedAt: z.string() });
type Holder = z.infer<typeof Holder>;

const FILE_PATTERN = /^process-(\d+)-[0-9a-f]+\.lock$/;
/** Two that start in the same moment both step back; after a pause of random length one comes first. */
const MAX_ATTEMPTS = 6;
const MAX_PAUSE_MS = 120;

/** Throws data_dir_locked, naming the process that has it; config_invalid for a directory that cannot be written to. */
export async function lockDataDir(dataDir: string, options: LockOptions = {}): Promise<DataDirLock> {
  const { pid = process.pid, random = Math.random, signal } = options;
  await assertDataDir(dataDir);
  const own = `process-${pid}-${randomBytes(6).toString('hex')}.lock`;
  const holder: Holder = { pid, identity: await readIdentity(pid), startedAt: new Date().toISOString() };
  for (let attempts = 1; ; attempts += 1) {
    await writeFile(join(dataDir, own), JSON.stringify(holder), { flag: 'wx' });
    const other = await findOther(dataDir, own);
    if (other === undefined) return { release: () => rm(join(dataDir, own), { force: true }) };
    await rm(join(dataDir, own), { force: true });
    if (attempts === MAX_ATTEMPTS) {
      throw new AppError('data_dir_locked', `${dataDir} is used by process ${other.pid}: stop it, or set DATA_DIR to another directory`, {
        context: { dataDir, pid: other.pid, startedAt: other.startedAt },
      });
    }
    await wait(random() * MAX_PAUSE_MS, undefined, { signal });
  }
}

async function findOther(dataDir: string, own: string): Promise<Pick<Holder, 'pid' | 'startedAt'> | undefined> {
  for (const file of await readdir(dataDir)) {
    const match = FILE_PATTERN.exec(file);
    if (!match || file === own) continue;
    const holder = await readHolder(join(dataDir, file));
    // Not written in full yet: as alive as its process.
    const { pid, identity, startedAt } = holder ?? { pid: Number(match[1]), identity: null, startedAt: 'just now' };
    if (await isAlive(pid, identity)) return { pid, startedAt };
    await rm(join(dataDir, file), { force: true });
  }
  return undefined;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return Holder.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return undefined;
  }
}

async function isAlive(pid: number, identity: string | null): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (thrown) {
    // EPERM: it lives, and belongs to somebody else.
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'EPERM';
  }
  const current = await readIdentity(pid);
  return identity === null || current === null || identity === current;
}

/** Tells a process from a later one with the same number: which boot, and when in it. Null where the system has no /proc. */
async function readIdentity(pid: number): Promise<string | null> {
  try {
    const [bootId, stat] = await Promise.all([readFile('/proc/sys/kernel/random/boot_id', 'utf8'), readFile(`/proc/${pid}/stat`, 'utf8')]);
    // The second field is the command in brackets and may hold anything; the start time is the 20th after it.
    const startTicks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
    return `${bootId.trim()}:${startTicks}`;
  } catch {
    return null;
  }
}
