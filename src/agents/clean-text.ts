/**
 * Characters that show nothing but change how text reads: format and bidirectional controls, tags, fillers, variation selectors (except the
 * one that makes an emoji colourful), noncharacters, the blank braille cell. They can hide words from the person who approves.
 * The three combining lines are those that Telegram removes itself, so that its copy would differ from ours.
 */
const INVISIBLE =
  /(?<!\p{Emoji})\uFE0F|(?!\uFE0F)[\p{Cf}\p{Default_Ignorable_Code_Point}]|[\p{Noncharacter_Code_Point}\u2800]|\u030A|\u0333|\u033F/gu;
const LINE_BREAK = /\r\n?|[\v\f\u0085\u2028\u2029]/g;
const CONTROL = /[\u0000-\u0008\u000E-\u001F\u007F-\u009F]/g;

/** The same text in NFC with nothing invisible in it: no format, control or tag characters, `\n` as the only line break, no tabs. */
export function cleanText(text: string): string {
  return text
    .toWellFormed()
    .normalize('NFC')
    .replace(LINE_BREAK, '\n')
    .replaceAll('\t', '    ')
    .replace(CONTROL, '')
    .replace(INVISIBLE, '')
    .normalize('NFC');
}

/** How many characters `cleanText` would take out because nobody can see them. Line breaks of another kind and tabs do not count. */
export function countInvisible(text: string): number {
  const wellFormed = text.normalize('NFC').replace(LINE_BREAK, '\n');
  return (wellFormed.match(INVISIBLE)?.length ?? 0) + (wellFormed.match(CONTROL)?.length ?? 0);
}
