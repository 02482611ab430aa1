import { readFile, writeFile } from 'node:fs/promises';
import { relative } from 'node:path';

/** Writes a generated file or, with `--check`, compares it and answers with exit code 1 when it is not what would be written. */
export async function writeOrCheck(
  path: string,
  content: string,
  { isCheck, command }: { isCheck: boolean; command: string },
): Promise<void> {
  const name = relative(process.cwd(), path);
  if (!isCheck) {
    await writeFile(path, content);
    console.log(`wrote ${name}`);
    return;
  }
  const current = await readFile(path, 'utf8').catch(() => undefined);
  if (current === content) {
    console.log(`${name} is up to date`);
    return;
  }
  console.error(`${name} ${describeDifference(current, content)}: run ${command} and commit the result`);
  process.exitCode = 1;
}

function describeDifference(current: string | undefined, content: string): string {
  if (current === undefined) return 'is missing';
  const [have, want] = [current.split('\n'), content.split('\n')];
  const line = want.findIndex((text, index) => text !== have[index]);
  const at = line === -1 ? want.length : line;
  return `differs from the migrations at line ${at + 1} (has ${JSON.stringify(have[at] ?? '')}, should have ${JSON.stringify(want[at] ?? '')})`;
}
