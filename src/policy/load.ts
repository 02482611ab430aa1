import { open } from 'node:fs/promises';
import { type ParsedPolicy, parsePolicy } from './parse.ts';
import { makePolicyError, WHOLE_DOCUMENT } from './problems.ts';
import { MAX_POLICY_BYTES } from './read-yaml.ts';

/** Reads and checks a policy file. Throws AppError `policy_invalid`, also when the file cannot be read or is not UTF-8. */
export async function loadPolicyFile(path: string, signal?: AbortSignal): Promise<ParsedPolicy> {
  signal?.throwIfAborted();
  const bytes = await readBounded(path).catch((cause: unknown) => {
    throw makePolicyError([{ path: WHOLE_DOCUMENT, reason: `the file ${path} cannot be read (${toCode(cause)})` }], cause);
  });
  return parsePolicy(toText(bytes));
}

/** One byte more than a policy may have is enough to refuse the rest unread. */
async function readBounded(path: string): Promise<Uint8Array> {
  await using file = await open(path, 'r');
  const buffer = Buffer.alloc(MAX_POLICY_BYTES + 1);
  const { bytesRead } = await file.read(buffer, 0, buffer.length, 0);
  return buffer.subarray(0, bytesRead);
}

function toText(bytes: Uint8Array): string {
  try {
    // ignoreBOM keeps the mark in the text, where the reader refuses it by name.
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    const reason = bytes.length > MAX_POLICY_BYTES ? 'larger than 256 KiB' : 'the file is not UTF-8';
    throw makePolicyError([{ path: WHOLE_DOCUMENT, reason }], cause);
  }
}

function toCode(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
}
