import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const CLI = new URL('../../node_modules/.bin/supabase', import.meta.url).pathname;
const MIGRATIONS_DIR = new URL('../../supabase/migrations/', import.meta.url).pathname;
const MAX_OUTPUT_BYTES = 64 * 1024 * 1024;

export interface CliOutcome {
  code: number;
  stdout: string;
  /** What it says beside its answer: progress and errors. */
  stderr: string;
}

export interface SupabaseCli {
  run(url: string, ...args: string[]): Promise<CliOutcome>;
  close(): Promise<void>;
}

/** The Supabase CLI on the migrations of this project, with a home of its own: no login, no telemetry, nothing left behind. */
export async function openSupabaseCli(): Promise<SupabaseCli> {
  const home = await mkdtemp(join(tmpdir(), 'ags-supabase-'));
  await mkdir(join(home, 'supabase'));
  await symlink(MIGRATIONS_DIR, join(home, 'supabase', 'migrations'));
  const env = { PATH: process.env.PATH, HOME: home, DO_NOT_TRACK: '1', NO_COLOR: '1' };
  return {
    run(url, ...args) {
      const all = [...args, `--remote=${url}`, `--workdir=${home}`, '--agent=no', '--yes'];
      return new Promise((resolve) => {
        execFile(CLI, all, { cwd: home, env, maxBuffer: MAX_OUTPUT_BYTES }, (error, stdout, stderr) => {
          const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1;
          resolve({ code, stdout, stderr });
        });
      });
    },
    close: () => rm(home, { recursive: true, force: true }),
  };
}
