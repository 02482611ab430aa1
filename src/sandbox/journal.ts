import {
  closeSync,
  existsSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import type { Change } from './changes.ts';

/** Where the sandbox keeps what happened. One entry is one act: either all of its changes are kept or none. */
export interface Journal {
  /** Everything kept so far, oldest first. Called once, before the first append. */
  load(): Change[][];
  append(changes: readonly Change[]): void;
  saveFile(name: string, bytes: Uint8Array): void;
  loadFile(name: string): Uint8Array | undefined;
  close(): void;
}

/** For tests. Hand the same one to a second sandbox to see what a restart sees. */
export function makeMemoryJournal(): Journal {
  const entries: string[] = [];
  const files = new Map<string, Uint8Array>();
  return {
    // Through JSON both ways, so that a test meets what a file would give back.
    load: () => entries.map((line): Change[] => JSON.parse(line)),
    append: (changes) => void entries.push(JSON.stringify(changes)),
    saveFile: (name, bytes) => void files.set(name, bytes),
    loadFile: (name) => files.get(name),
    close: () => undefined,
  };
}

/**
 * JSON lines in `<directory>/journal.jsonl`, one write per act. A process that is killed loses at most the act it was writing: a torn
 * last line is cut off at the next start. Uploaded files lie beside, written under another name first.
 */
export function openFileJournal(directory: string): Journal {
  const filesDirectory = join(directory, 'files');
  mkdirSync(filesDirectory, { recursive: true });
  const path = join(directory, 'journal.jsonl');
  const text = existsSync(path) ? readFileSync(path, 'utf8') : '';
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  const handle = openSync(path, 'a');
  if (whole.length < text.length) ftruncateSync(handle, Buffer.byteLength(whole));
  return {
    load: () =>
      whole
        .split('\n')
        .filter((line) => line !== '')
        .map((line): Change[] => JSON.parse(line)),
    append: (changes) => void writeSync(handle, `${JSON.stringify(changes)}\n`),
    saveFile: (name, bytes) => saveWhole(join(filesDirectory, name), bytes),
    loadFile: (name) => (existsSync(join(filesDirectory, name)) ? readFileSync(join(filesDirectory, name)) : undefined),
    close: () => {
      fsyncSync(handle);
      closeSync(handle);
    },
  };
}

function saveWhole(path: string, bytes: Uint8Array): void {
  writeFileSync(`${path}.part`, bytes);
  renameSync(`${path}.part`, path);
}
