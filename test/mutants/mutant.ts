/** One control taken away: a patch of one line, and the test that must notice. */
export interface Mutant {
  /** What is taken away, in words: "area: control". */
  control: string;
  /** The file that is patched, from the root of the project. */
  file: string;
  /** Stands exactly once in the file, on one line. */
  find: string;
  replace: string;
  /** The test file that must fail, from the root of the project. */
  test: string;
  /** The test in it, by words of its name: the rest of the file is not run. */
  named: string;
}

/** How often a text stands in another one. */
export const countOf = (text: string, part: string): number => text.split(part).length - 1;

/** The file without the control. Throws when the patch does not fit, so that nothing is ever reported of a tree that was not changed. */
export function applyMutant({ control, find, replace }: Mutant, source: string): string {
  const count = countOf(source, find);
  if (count !== 1) throw new Error(`the patch of "${control}" has to fit exactly once, and fits ${count} times`);
  return source.split(find).join(replace);
}
