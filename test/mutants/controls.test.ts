import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CONTROLS } from './controls.ts';
import { applyMutant, countOf } from './mutant.ts';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The list must not rot: a patch that fits nothing would take no control away, and its test would prove nothing. */
describe.each(CONTROLS.map((mutant) => [mutant.control, mutant] as const))('%s', (_control, mutant) => {
  test('can be taken away by a patch of one line that fits exactly once', () => {
    const source = read(mutant.file);
    expect(countOf(source, mutant.find)).toBe(1);
    expect(`${mutant.find}${mutant.replace}`).not.toContain('\n');
    expect(applyMutant(mutant, source)).not.toBe(source);
  });

  test('has a test file that is there', () => {
    expect(mutant.test).toMatch(/^test\/.*\.test\.ts$/);
    expect(read(mutant.test)).not.toBe('');
  });
});

test('every control is named once, and so is every patch', () => {
  const patches = CONTROLS.map(({ file, find, replace }) => [file, find, replace].join('\n'));
  for (const names of [CONTROLS.map(({ control }) => control), patches]) expect(new Set(names).size).toBe(names.length);
});

test.each([
  ['nothing', 'x'],
  ['two places', 'a'],
])('a patch that fits %s is refused, not skipped', (_where, find) => {
  const mutant = { control: 'area: control', file: 'f', find, replace: '', test: 't', named: 'n' };
  expect(() => applyMutant(mutant, 'a b a')).toThrow('"area: control" has to fit exactly once');
});
