import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../errors.ts';

/** Makes DATA_DIR where it is missing, and writes into it once: rights and read-only disks show only then. Throws config_invalid. */
export async function assertDataDir(dataDir: string): Promise<void> {
  const probe = join(dataDir, `.probe-${randomUUID()}`);
  try {
    await mkdir(dataDir, { recursive: true });
    await writeFile(probe, '', { flag: 'wx' });
    await rm(probe);
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    const problem = `DATA_DIR: ${dataDir} cannot be written to (${reason}); make it a directory of the user that runs this program, or set another one`;
    throw new AppError('config_invalid', problem, { context: { problems: [problem] }, cause });
  }
}
