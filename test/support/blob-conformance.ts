import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sha256 } from '../../src/domain/ids.ts';
import { makeArtifacts } from '../../src/memory/artifacts.ts';
import type { BlobStore } from '../../src/memory/blobs.ts';

export interface BlobStoreUnderTest {
  blobs: BlobStore;
  /** The names of everything that is kept, whatever it is. */
  listStored(): Promise<string[]>;
  /** Changes what is kept behind the store's back. */
  tamper(uri: string, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export const toBytes = (text: string) => new TextEncoder().encode(text);

/** What every place for artifacts must do alike. `open` gives an empty one. */
export function testBlobStore(open: () => Promise<BlobStoreUnderTest>): void {
  const uri = 'supa://tasks/T-2025-09-28-0012/act.md';
  let under: BlobStoreUnderTest;
  let blobs: BlobStore;
  beforeEach(async () => {
    under = await open();
    blobs = under.blobs;
  });
  afterEach(() => under.close());

  it('gives back what was put, byte for byte', async () => {
    const all = Uint8Array.from({ length: 100_000 }, (_, index) => index % 256);
    await blobs.put(uri, all);
    expect(await blobs.get(uri)).toEqual(all);
    expect(await under.listStored()).toEqual(['act.md']);
  });

  it('keeps an empty artifact', async () => {
    await blobs.put(uri, new Uint8Array());
    expect(await blobs.get(uri)).toEqual(new Uint8Array());
  });

  it('takes the same again, and refuses other bytes', async () => {
    await blobs.put(uri, toBytes('one'));
    await blobs.put(uri, toBytes('one'));
    await expect(blobs.put(uri, toBytes('two'))).rejects.toMatchObject({ code: 'idempotency_conflict' });
    expect(await blobs.get(uri)).toEqual(toBytes('one'));
    expect(await under.listStored()).toEqual(['act.md']);
  });

  it('lets one of many win when they write different bytes at once', async () => {
    const texts = Array.from({ length: 20 }, (_, index) => `text ${index}`);
    const results = await Promise.allSettled(texts.map((text) => blobs.put(uri, toBytes(text))));
    const winners = results.flatMap(({ status }, index) => (status === 'fulfilled' ? [texts[index]] : []));
    expect(winners).toHaveLength(1);
    expect(new TextDecoder().decode(await blobs.get(uri))).toBe(winners[0]);
  });

  it('says when there is nothing', async () => {
    await expect(blobs.get(uri)).rejects.toMatchObject({ code: 'artifact_missing', context: { uri } });
    await blobs.put(uri, toBytes('one'));
    await expect(blobs.get('supa://tasks/T-2025-09-28-0012')).rejects.toMatchObject({ code: 'artifact_missing' });
    await expect(blobs.get('supa://elsewhere/T-2025-09-28-0012/act.md')).rejects.toMatchObject({ code: 'artifact_missing' });
  });

  it('gives bytes that were changed meanwhile to nobody who knows their checksum', async () => {
    const artifacts = makeArtifacts(blobs);
    const row = { storageRef: uri, checksum: sha256(toBytes('one')), content: null };
    await blobs.put(uri, toBytes('one'));
    expect(await artifacts.loadText(row)).toBe('one');
    await under.tamper(uri, toBytes('0ne'));
    await expect(artifacts.loadText(row)).rejects.toMatchObject({ code: 'artifact_corrupt' });
  });

  it('stops when asked to', async () => {
    await expect(blobs.put(uri, toBytes('one'), AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    await expect(blobs.get(uri, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
    expect(await under.listStored()).toEqual([]);
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
      await expect(blobs.put(hostile, toBytes('x'))).rejects.toMatchObject({ code: 'input_invalid' });
      await expect(blobs.get(hostile)).rejects.toMatchObject({ code: 'input_invalid' });
      expect(await under.listStored()).toEqual([]);
    });
  });
}
