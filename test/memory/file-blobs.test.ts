import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../../src/memory/blobs.ts';
import { makeFileBlobStore, toBlobError } from '../../src/memory/file-blobs.ts';

const uri = 'supa://tasks/T-2025-09-28-0012/act.md';
const bytes = (text: string) => new TextEncoder().encode(text);
let directory: string;
let blobs: BlobStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'blobs-'));
  blobs = makeFileBlobStore(directory);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const listFiles = async () =>
  (await readdir(directory, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);

it('gives back what was put, byte for byte', async () => {
  const all = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
  await blobs.put(uri, all);
  expect(await blobs.get(uri)).toEqual(all);
  expect(await listFiles()).toEqual(['act.md']);
});

it('keeps an empty artifact', async () => {
  await blobs.put(uri, new Uint8Array());
  expect(await blobs.get(uri)).toEqual(new Uint8Array());
});

it('takes the same again, and refuses other bytes', async () => {
  await blobs.put(uri, bytes('one'));
  await blobs.put(uri, bytes('one'));
  await expect(blobs.put(uri, bytes('two'))).rejects.toMatchObject({ code: 'idempotency_conflict' });
  expect(await blobs.get(uri)).toEqual(bytes('one'));
  expect(await listFiles()).toEqual(['act.md']);
});

it('lets one of many win when they write different bytes at once', async () => {
  const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
  const results = await Promise.allSettled(texts.map((text) => blobs.put(uri, bytes(text))));
  const winners = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [texts[index]] : []));
  expect(winners).toHaveLength(1);
  expect(new TextDecoder().decode(await blobs.get(uri))).toBe(winners[0]);
});

it('says when there is nothing', async () => {
  await expect(blobs.get(uri)).rejects.toMatchObject({ code: 'artifact_missing', context: { uri } });
  await blobs.put(uri, bytes('one'));
  await expect(blobs.get('supa://tasks/T-2025-09-28-0012')).rejects.toMatchObject({ code: 'artifact_missing' });
  await expect(blobs.put(`${uri}/below`, bytes('two'))).rejects.toMatchObject({ code: 'input_invalid' });
});

it('stops when asked to', async () => {
  await expect(blobs.put(uri, bytes('one'), AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  await expect(blobs.get(uri, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  expect(await listFiles()).toEqual([]);
});

describe('refuses an address that is not plain', () => {
  it.each([
    ['up', 'supa://tasks/../../etc/passwd'],
    ['up, encoded', 'supa://tasks/%2e%2e/%2e%2e/etc/passwd'],
    ['up, in the bucket', 'supa://../secrets'],
    ['absolute', 'supa:///etc/passwd'],
    ['empty part', 'supa://tasks//etc/passwd'],
    ['NUL', 'supa://tasks/a\0.md'],
    ['backslash', 'supa://tasks/..\\..\\a'],
    ['hidden file', 'supa://tasks/.new-1'],
    ['no path', 'supa://tasks'],
    ['path ends in /', 'supa://tasks/a/'],
    ['other scheme', 'file:///etc/passwd'],
    ['line break', 'supa://tasks/a\n'],
    ['long name', `supa://tasks/${'a'.repeat(4_096)}`],
    ['long part', `supa://tasks/${'a'.repeat(300)}`],
    ['deep', `supa://tasks/${'a/'.repeat(50)}a`],
    ['letters that look like others', 'supa://tasks/аct.md'],
  ])('%s', async (_, hostile) => {
    await expect(blobs.put(hostile, bytes('x'))).rejects.toMatchObject({ code: 'input_invalid' });
    await expect(blobs.get(hostile)).rejects.toMatchObject({ code: 'input_invalid' });
    expect(await listFiles()).toEqual([]);
  });
});

it.each([
  ['ENOSPC', 'store_unavailable', 'later', /disk .* full/],
  ['EDQUOT', 'store_unavailable', 'later', /disk .* full/],
  ['EACCES', 'store_failed', 'never', /permissions/],
  ['EROFS', 'store_failed', 'never', /permissions/],
  ['EIO', 'store_failed', 'never', /could not be stored/],
])('%s is %s', (code, expected, retry, sentence) => {
  const error = toBlobError(Object.assign(new Error('write'), { code }), uri);
  expect(error).toMatchObject({ code: expected, retry, message: expect.stringMatching(sentence) });
});

it('holds only whole files after kill -9 in the middle of writing', async () => {
  const program = join(directory, 'writer.ts');
  const source = join(import.meta.dirname, '../../src/memory/file-blobs.ts');
  await writeFile(
    program,
    `import { makeFileBlobStore } from '${source}';
     const blobs = makeFileBlobStore(process.argv[2]);
     for (let n = 0; ; n++) { await blobs.put('supa://tasks/n/' + n, Buffer.alloc(300_000, String(n % 10))); console.log(n); }`,
  );
  const child = spawn(process.execPath, [program, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  for await (const chunk of child.stdout) {
    out += chunk;
    if (out.split('\n').length > 10) break;
  }
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await exited;
  const acknowledged = out.split('\n').filter((line) => line !== '');
  const names = (await readdir(join(directory, 'tasks/n'))).filter((name) => !name.startsWith('.new-'));
  expect(names).toEqual(expect.arrayContaining(acknowledged.slice(0, -1)));
  for (const name of names)
    expect(await blobs.get(`supa://tasks/n/${name}`)).toEqual(new Uint8Array(300_000).fill(48 + (Number(name) % 10)));
});
