import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { lockDataDir } from '../../src/embedded/data-dir-lock.ts';

let dataDir: string;
beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'ags-lock-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

/** A process that has certainly ended: this number is beyond what Linux gives. */
const DEAD_PID = 2 ** 22 + 1;
const listLocks = async () => (await readdir(dataDir)).filter((file) => file.endsWith('.lock'));

test('one holds it until it lets go', async () => {
  const first = await lockDataDir(dataDir);
  await expect(lockDataDir(dataDir)).rejects.toMatchObject({ code: 'data_dir_locked', context: { pid: process.pid } });
  expect(await listLocks()).toHaveLength(1);
  await first.release();
  await (await lockDataDir(dataDir)).release();
  expect(await listLocks()).toEqual([]);
});

test('of several that start together exactly one gets it', async () => {
  const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => lockDataDir(dataDir)));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect(await listLocks()).toHaveLength(1);
});

test('what a dead process left behind is cleared away', async () => {
  await writeFile(
    join(dataDir, `process-${DEAD_PID}-abcdef.lock`),
    JSON.stringify({ pid: DEAD_PID, identity: null, startedAt: '2025-01-01' }),
  );
  const lock = await lockDataDir(dataDir);
  expect(await listLocks()).toHaveLength(1);
  await lock.release();
});

test('a later process with the same number is not taken for the first', async () => {
  const lock = await lockDataDir(dataDir);
  const [file = ''] = await listLocks();
  const holder = JSON.parse(await readFile(join(dataDir, file), 'utf8'));
  await lock.release();
  await writeFile(join(dataDir, file), JSON.stringify({ ...holder, identity: 'another-boot:1' }));
  await (await lockDataDir(dataDir)).release();
});

test('a lock that is just being written counts as held by its process', async () => {
  await writeFile(join(dataDir, `process-${process.ppid}-abcdef.lock`), '');
  await expect(lockDataDir(dataDir)).rejects.toMatchObject({ code: 'data_dir_locked', context: { pid: process.ppid } });
});

test('a directory that cannot be made is a configuration error', async () => {
  await writeFile(join(dataDir, 'file'), '');
  await expect(lockDataDir(join(dataDir, 'file', 'below'))).rejects.toMatchObject({ code: 'config_invalid' });
});
