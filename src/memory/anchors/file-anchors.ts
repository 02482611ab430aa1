import { chmod, link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Anchor, toAnchorText } from '../../domain/evidence/anchor.ts';
import { AppError } from '../../errors.ts';
import { type AnchorStore, toAnchorName } from './anchor-store.ts';
import { readAnchor, toAnchorConflict } from './read-anchor.ts';

const READ_ONLY = 0o444;

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

function toFileError(cause: unknown, path: string): AppError {
  if (cause instanceof AppError) return cause;
  if (codeOf(cause) === 'ABORT_ERR') return new AppError('aborted', undefined, { cause });
  const message = `AGS_ANCHOR_URL: ${path} cannot be used (${codeOf(cause) || 'unknown'}); look after the folder and its rights`;
  return new AppError('store_failed', message, { context: { path }, cause });
}

/** One read-only file for each anchor. A file is there in full or not at all, and its name is taken only once. */
export function makeFileAnchorStore(directory: string): AnchorStore {
  const toPath = (number: number) => join(directory, toAnchorName(number));

  async function find(number: number, signal?: AbortSignal): Promise<Anchor | null> {
    const path = toPath(number);
    try {
      return readAnchor(await readFile(path, { encoding: 'utf8', signal }), number, path);
    } catch (thrown) {
      if (codeOf(thrown) === 'ENOENT') return null;
      throw toFileError(thrown, path);
    }
  }

  async function keep(anchor: Anchor, signal?: AbortSignal): Promise<string> {
    const path = toPath(anchor.number);
    try {
      signal?.throwIfAborted();
      await mkdir(directory, { recursive: true });
      if (!(await writeOnce(path, toAnchorText(anchor)))) {
        const standing = await find(anchor.number, signal);
        if (standing?.hash !== anchor.hash) throw toAnchorConflict(anchor.number, path);
      }
    } catch (thrown) {
      throw toFileError(thrown, path);
    }
    return pathToFileURL(path).href;
  }

  return { keep, find };
}

/** False when the name is taken: link, unlike rename, replaces nothing. */
async function writeOnce(path: string, text: string): Promise<boolean> {
  const temporary = `${path}.new-${process.pid}`;
  await unlink(temporary).catch(() => undefined);
  const file = await open(temporary, 'wx');
  try {
    await file.writeFile(text);
    await file.sync();
    await chmod(temporary, READ_ONLY);
    await link(temporary, path);
    return true;
  } catch (thrown) {
    if (codeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  } finally {
    await file.close();
    await unlink(temporary);
  }
}
