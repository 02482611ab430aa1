import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { BlobStore } from '../../src/memory/blobs.ts';
import { makeFileBlobStore, toBlobError } from '../../src/memory/file-blobs.ts';
import { testBlobStore, toBytes } from '../support/blob-conformance.ts';

const uri = 'supa://tasks/T-2025-09-28-0012/act.md';
let directory: string;
let blobs: BlobStore;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'blobs-'));
  blobs = makeFileBlobStore(directory);
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('a directory as a place for artifacts', () => {
  testBlobStore(async () => {
    const place = await mkdtemp(join(tmpdir(), 'blobs-'));
    const stored = async () => (await readdir(place, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    return {
      blobs: makeFileBlobStore(place),
      listStored: async () => (await stored()).map(({ name }) => name),
      tamper: (address, bytes) => writeFile(join(place, address.slice('supa://'.length)), bytes),
      close: () => rm(place, { recursive: true, force: true }),
    };
  });
});

it('keeps nothing below an artifact', async () => {
  await blobs.put(uri, toBytes('one'));
  await expect(blobs.put(`${uri}/below`, toBytes('two'))).rejects.toMatchObject({ code: 'input_invalid' });
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
