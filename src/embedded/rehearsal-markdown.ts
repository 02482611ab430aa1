/** A masked value, which is put back when the text is stored: it has to stand there as it was given. */
const PLACEHOLDER = /(\[[a-z]+-\d+\])/;

/** Quoted words keep their characters: what looks like markdown in them is not. */
export function escapeMarkdown(text: string): string {
  return text
    .split(PLACEHOLDER)
    .map((part, index) => (index % 2 === 1 ? part : part.replace(/[\\`*_~[\]<>#|]/g, '\\$&')))
    .join('');
}
