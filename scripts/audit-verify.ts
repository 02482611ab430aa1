/**
 * `npm run audit:verify -- export.jsonl [anchor.json …]`: checks an evidence bundle with nothing but the file, and against the copies of anchors
 * that are given. Exit code 1: it does not hold, and the first wrong record is named; 2: it could not be read. With 0, what the chain does not
 * say, and what no kept anchor covers, is named: it is not proved.
 */
import { readFile } from 'node:fs/promises';
import { Anchor } from '../src/domain/evidence/anchor.ts';
import { verifyBundle } from '../src/domain/evidence/verify-bundle.ts';

const BAD = 1;
const UNREADABLE = 2;

async function verify(bundlePath: string, anchorPaths: readonly string[]): Promise<number> {
  const kept = await Promise.all(anchorPaths.map(async (path) => Anchor.parse(JSON.parse(await readFile(path, 'utf8')))));
  const { taskId, recordCount, anchors, unanchoredCount, problems, unproved } = verifyBundle(await readFile(bundlePath, 'utf8'), kept);
  for (const problem of problems) console.error(`BAD  ${problem}`);
  if (problems.length > 0) return BAD;
  console.log(`OK   ${taskId}: ${recordCount} audit records, each one checked against the one before it`);
  const known = new Set(kept.map(({ hash }) => hash));
  for (const { number, hash, made_at } of anchors) {
    console.log(`OK   anchor ${number} of ${made_at}: ${hash}${known.has(hash) ? ', as it was kept' : ''}`);
  }
  if (anchors.some(({ hash }) => !known.has(hash)))
    console.log('     compare these hashes with the messages in the admin group, or give their kept copies');
  if (unanchoredCount > 0)
    console.log(
      `NOTE not proved: ${unanchoredCount} of the records were not anchored yet when this was exported; only a later anchor can cover them`,
    );
  for (const what of unproved) console.log(`NOTE not proved by the chain: ${what}`);
  return 0;
}

const [bundlePath, ...anchorPaths] = process.argv.slice(2);
if (bundlePath === undefined) {
  console.error('expected the file of an evidence bundle: npm run audit:verify -- export.jsonl [anchor.json …]');
  process.exitCode = UNREADABLE;
} else {
  process.exitCode = await verify(bundlePath, anchorPaths).catch((thrown: unknown) => {
    console.error(`cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
    return UNREADABLE;
  });
}
