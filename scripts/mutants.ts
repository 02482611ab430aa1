/**
 * `npm run mutants [-- words…]`: takes each control of the list away, one at a time, in a copy of the project, and runs the test that must
 * then fail. With words only the controls whose names have one of them. Exit code 1: a control is gone and no test noticed.
 */
import { performance } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { CONTROLS } from '../test/mutants/controls.ts';
import type { Mutant } from '../test/mutants/mutant.ts';
import { runTests, type TestRun } from '../test/mutants/run-tests.ts';
import { makeTreeCopy, type TreeCopy } from '../test/mutants/tree-copy.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** Each run is a process with a database of some 400 MB, and small machines have two cores. */
const AT_ONCE = 2;
const RUN_TIMEOUT_MS = 180_000;
const BASELINE_TIMEOUT_MS = 1_200_000;

const toSeconds = (startedAt: number): string => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`;

function choose(words: readonly string[]): readonly Mutant[] {
  const wanted = words.map((word) => word.toLowerCase());
  return wanted.length === 0 ? CONTROLS : CONTROLS.filter(({ control }) => wanted.some((word) => control.toLowerCase().includes(word)));
}

/** With every control in its place the tests are green, and each of the list exists: otherwise a failure would say nothing. */
async function checkBaseline(copy: TreeCopy, mutants: readonly Mutant[], signal: AbortSignal): Promise<string[]> {
  const wanted = { files: [...new Set(mutants.map(({ test }) => test))], names: [...new Set(mutants.map(({ named }) => named))] };
  const { passed, failed, broken } = await runTests(copy.dir, wanted, { signal, timeoutMs: BASELINE_TIMEOUT_MS });
  const isNamed = (mutant: Mutant) => (one: { file: string; name: string }) => one.file === mutant.test && one.name.includes(mutant.named);
  const missing = mutants.filter((mutant) => !passed.some(isNamed(mutant)));
  return [
    ...broken,
    // Words of one file's tests may stand in another's: that one may need the tests before it, and is not asked for.
    ...failed
      .filter((one) => mutants.some((mutant) => isNamed(mutant)(one)))
      .map(({ file, name, reason }) => `${file}: ${name}: ${reason}`),
    ...missing.map(({ control, test, named }) => `${control}: no test of ${test} has "${named}" in its name, or it did not pass`),
  ];
}

function tell({ control, test }: Mutant, { failed, broken }: TestRun, startedAt: number): boolean {
  const isKilled = failed.length > 0;
  const verdict = isKilled ? 'killed  ' : broken.length > 0 ? 'BROKEN  ' : 'SURVIVED';
  console.log(`${verdict}  ${control}  (${test}: ${failed.length} failed) ${toSeconds(startedAt)}`);
  for (const { name, reason } of process.env.MUTANTS_VERBOSE ? failed.slice(0, 3) : [])
    console.log(`          ${name}: ${reason.slice(0, 200)}`);
  if (!isKilled) for (const problem of broken) console.log(`          ${problem}`);
  return isKilled;
}

async function work(copy: TreeCopy, first: TreeCopy, queue: Mutant[], signal: AbortSignal): Promise<number> {
  let survivors = 0;
  for (let mutant = queue.shift(); mutant !== undefined; mutant = queue.shift()) {
    const { test, named } = mutant;
    const startedAt = performance.now();
    await copy.takeSnapshots(first);
    const run = await copy.without(mutant, () =>
      runTests(copy.dir, { files: [test], names: [named] }, { signal, timeoutMs: RUN_TIMEOUT_MS }),
    );
    if (!tell(mutant, run, startedAt)) survivors += 1;
  }
  return survivors;
}

async function main(words: readonly string[], signal: AbortSignal): Promise<number> {
  const mutants = choose(words);
  if (mutants.length === 0) {
    console.error(`no control has ${words.join(' or ')} in its name`);
    return 2;
  }
  const startedAt = performance.now();
  const copies = await Promise.all(Array.from({ length: AT_ONCE + 1 }, () => makeTreeCopy(ROOT)));
  try {
    const [first, ...others] = copies;
    if (first === undefined) return 2;
    const problems = await checkBaseline(first, mutants, signal);
    for (const problem of problems) console.error(`NOT GREEN  ${problem}`);
    if (problems.length > 0) return 2;
    console.log(`green     with every control in its place  ${toSeconds(startedAt)}`);
    const queue = [...mutants];
    const survivors = (await Promise.all(others.map((copy) => work(copy, first, queue, signal)))).reduce((sum, count) => sum + count, 0);
    console.log(`${mutants.length - survivors} of ${mutants.length} killed  ${toSeconds(startedAt)}`);
    return survivors === 0 ? 0 : 1;
  } finally {
    await Promise.all(copies.map((copy) => copy.remove()));
  }
}

const interrupted = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => interrupted.abort());
process.exitCode = await main(process.argv.slice(2), interrupted.signal);
