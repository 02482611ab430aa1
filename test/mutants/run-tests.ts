import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What vitest's JSON reporter writes, as far as it is read here. */
const Report = z.object({
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      message: z.string().optional(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string(), failureMessages: z.array(z.string()).nullish() })),
    }),
  ),
});

export interface TestRun {
  passed: { file: string; name: string }[];
  failed: { file: string; name: string; reason: string }[];
  /** Files that did not get as far as a test, with why; and a run that left no report. */
  broken: string[];
}

export interface WantedTests {
  /** From the root of the tree. */
  files: string[];
  /** A test is run when its name has one of these words in it. */
  names: string[];
}

const REPORT = 'mutants-report.json';
/** The last lines of what vitest said, for a run that left no report. */
const SAID_CHARS = 1_000;

const escapeForPattern = (text: string): string => text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Runs these tests of the tree in `dir`. Rejects only when the signal interrupts it; what takes longer than the time is broken. */
export async function runTests(
  dir: string,
  { files, names }: WantedTests,
  { signal, timeoutMs }: { signal: AbortSignal; timeoutMs: number },
): Promise<TestRun> {
  const report = join(dir, REPORT);
  await rm(report, { force: true });
  const filters = ['-t', names.map(escapeForPattern).join('|')];
  const output = ['--reporter=json', `--outputFile=${report}`];
  const args = [join(dir, 'node_modules/vitest/vitest.mjs'), 'run', '--project', 'unit', ...files, ...filters, ...output];
  const timeout = AbortSignal.timeout(timeoutMs);
  const child = spawn(process.execPath, args, { cwd: dir, signal: AbortSignal.any([signal, timeout]), stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  const listen = (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-SAID_CHARS);
  };
  child.stdout.on('data', listen);
  child.stderr.on('data', listen);
  // Ended by its signal it says so here, too; what counts is that it is gone.
  child.on('error', (error) => listen(Buffer.from(error.message)));
  await new Promise((resolve) => child.once('close', resolve));
  signal.throwIfAborted();
  const makeBroken = (problem: string): TestRun => ({ passed: [], failed: [], broken: [problem] });
  if (timeout.aborted) return makeBroken(`it did not end within ${timeoutMs / 1000} s`);
  return readReport(report, dir).catch(() => makeBroken(said.trim() || 'vitest said nothing'));
}

async function readReport(path: string, dir: string): Promise<TestRun> {
  const { testResults } = Report.parse(JSON.parse(await readFile(path, 'utf8')));
  const all = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map(({ fullName, status, failureMessages }) => ({
      file: name.replace(`${dir}/`, ''),
      name: fullName,
      status,
      reason: (failureMessages ?? []).join('\n').split('\n')[0] ?? '',
    })),
  );
  return {
    passed: all.filter(({ status }) => status === 'passed'),
    failed: all.filter(({ status }) => status === 'failed'),
    broken: testResults
      .filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((result) => result.status === 'failed'))
      .map(({ name, message }) => `${name.replace(`${dir}/`, '')}: ${message ?? ''}`.slice(0, SAID_CHARS)),
  };
}
