import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { makeFileAnchorStore } from '../../../src/memory/anchors/file-anchors.ts';
import { makeTestAnchor } from './support.ts';

const directory = await mkdtemp(join(tmpdir(), 'ags-anchors-'));
afterAll(() => rm(directory, { recursive: true, force: true }));
const store = makeFileAnchorStore(join(directory, 'kept', 'here'));

test('what is not there is null, what was kept is found, and nobody may write to it', async () => {
  const anchor = makeTestAnchor(1);
  expect(await store.find(1)).toBeNull();
  const address = await store.keep(anchor);
  expect(address).toMatch(/^file:\/\/.*anchor-00000001\.json$/);
  expect(await store.find(1)).toEqual(anchor);
  expect((await stat(new URL(address))).mode & 0o777).toBe(0o444);
});

test('the same anchor again changes nothing; another one under its number is refused, and the first one stays', async () => {
  const anchor = makeTestAnchor(2);
  const address = await store.keep(anchor);
  expect(await store.keep(anchor)).toBe(address);
  await expect(store.keep(makeTestAnchor(2, 'other'))).rejects.toMatchObject({ code: 'idempotency_conflict' });
  expect(JSON.parse(await readFile(new URL(address), 'utf8'))).toEqual(anchor);
  expect((await readdir(join(directory, 'kept', 'here'))).filter((name) => name.includes('new'))).toEqual([]);
});

test('what is no anchor, or that of another number, is said to be none', async () => {
  const path = join(directory, 'kept', 'here', 'anchor-00000003.json');
  await writeFile(path, '{"number": 3}');
  await expect(store.find(3)).rejects.toMatchObject({ code: 'store_failed' });
  await writeFile(path, JSON.stringify(makeTestAnchor(4)));
  await expect(store.find(3)).rejects.toMatchObject({ code: 'store_failed' });
});

test('a place that cannot be written to is named with its variable', async () => {
  await writeFile(join(directory, 'file'), '');
  const blocked = makeFileAnchorStore(join(directory, 'file', 'below'));
  await expect(blocked.keep(makeTestAnchor(1))).rejects.toMatchObject({
    code: 'store_failed',
    message: expect.stringContaining('AGS_ANCHOR_URL'),
  });
});
