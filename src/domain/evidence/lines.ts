interface LineSchema<T> {
  safeParse(line: unknown): { success: true; data: T } | { success: false };
}

/** Reads JSON Lines. What cannot be read is named; the others still say what they can. */
export function readLines(text: string): { lines: unknown[]; problems: string[] } {
  const problems: string[] = [];
  const lines = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line, index): unknown => {
      try {
        return JSON.parse(line);
      } catch {
        problems.push(`line ${index + 1}: is no JSON`);
        return null;
      }
    });
  return { lines, problems };
}

const kindOf = (line: unknown): unknown => (typeof line === 'object' && line !== null && 'kind' in line ? line.kind : null);

export const countLines = (lines: readonly unknown[], kind: string): number => lines.filter((line) => kindOf(line) === kind).length;

/** The lines of one kind. One that does not have its form is a problem, never left out in silence. */
export function pickLines<T>(lines: readonly unknown[], kind: string, schema: LineSchema<T>, problems: string[]): T[] {
  return lines.flatMap((line, index) => {
    if (kindOf(line) !== kind) return [];
    const parsed = schema.safeParse(line);
    if (parsed.success) return [parsed.data];
    problems.push(`line ${index + 1}: a line of the kind ${kind} does not have its form`);
    return [];
  });
}
