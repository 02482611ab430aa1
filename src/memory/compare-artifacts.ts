import { toAppError } from '../errors.ts';
import type { Artifacts } from './artifacts.ts';

/** An artifact as its row has it. */
export interface ComparedRow {
  storageRef: string;
  checksum: string;
  /** Its bytes are in Storage: it is large, or was archived. */
  isStored: boolean;
  /** The text in the row itself fits the checksum, where there is one. */
  isRowWhole: boolean;
}

export interface Comparison {
  /** Addresses whose bytes are others than their checksum says, in the row or in Storage. */
  wrong: string[];
  /** Addresses where Storage has nothing. */
  missing: string[];
}

/** Reads what Storage holds of each artifact and names the differences. Throws what says nothing about them, such as store_unavailable. */
export async function compareArtifacts(
  artifacts: Pick<Artifacts, 'loadBytes'>,
  rows: readonly ComparedRow[],
  signal: AbortSignal,
): Promise<Comparison> {
  const comparison: Comparison = { wrong: [], missing: [] };
  for (const row of rows) {
    const end = row.isRowWhole ? await compare(artifacts, row, signal) : 'wrong';
    if (end !== 'same') comparison[end].push(row.storageRef);
  }
  return comparison;
}

async function compare(artifacts: Pick<Artifacts, 'loadBytes'>, row: ComparedRow, signal: AbortSignal): Promise<'same' | keyof Comparison> {
  if (!row.isStored) return 'same';
  try {
    await artifacts.loadBytes(row, signal);
    return 'same';
  } catch (thrown) {
    const { code } = toAppError(thrown);
    if (code === 'artifact_corrupt') return 'wrong';
    if (code === 'artifact_missing') return 'missing';
    throw thrown;
  }
}
