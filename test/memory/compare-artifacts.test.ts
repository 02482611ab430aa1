import { expect, test } from 'vitest';
import { sha256 } from '../../src/domain/ids.ts';
import { AppError } from '../../src/errors.ts';
import { makeArtifacts } from '../../src/memory/artifacts.ts';
import type { BlobStore } from '../../src/memory/blobs.ts';
import { compareArtifacts } from '../../src/memory/compare-artifacts.ts';

const signal = new AbortController().signal;
const stored = new Map([
  ['supa://tasks/T/good.md', 'good'],
  ['supa://tasks/T/other.md', 'other than it was'],
]);
const blobs: BlobStore = {
  put: () => Promise.reject(new Error('nothing is written')),
  async get(uri) {
    const text = stored.get(uri);
    if (text === undefined) throw new AppError('artifact_missing');
    return Buffer.from(text);
  },
};
const toRow = (name: string, more: { isStored?: boolean; isRowWhole?: boolean } = {}) => ({
  storageRef: `supa://tasks/T/${name}.md`,
  checksum: sha256(name),
  isStored: true,
  isRowWhole: true,
  ...more,
});

test('what Storage holds is read and held against the checksum; what differs and what is gone is named', async () => {
  const rows = [
    toRow('good'),
    toRow('other'),
    toRow('gone'),
    toRow('inline', { isStored: false }),
    toRow('changed', { isStored: false, isRowWhole: false }),
  ];
  expect(await compareArtifacts(makeArtifacts(blobs), rows, signal)).toEqual({
    wrong: ['supa://tasks/T/other.md', 'supa://tasks/T/changed.md'],
    missing: ['supa://tasks/T/gone.md'],
  });
});

test('a Storage that does not answer says nothing about them', async () => {
  const away = { loadBytes: () => Promise.reject(new AppError('store_unavailable')) };
  await expect(compareArtifacts(away, [toRow('good')], signal)).rejects.toMatchObject({ code: 'store_unavailable' });
});
