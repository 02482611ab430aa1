/** Characters that a person does not see, or that change the order in which others are seen. */
export type HiddenKind = 'control' | 'bidi' | 'tag' | 'invisible' | 'lone_surrogate' | 'variation_selector';

export interface HiddenCharacter {
  kind: HiddenKind;
  /** In UTF-16 code units, as JavaScript and Telegram count. */
  index: number;
  length: number;
  /** `U+202E`. */
  name: string;
}

/**
 * Candidates for a closer look: controls but tab and line feed, formats (Cf), unpaired surrogates, and letters or marks that draw
 * nothing (Hangul fillers, Braille blank, grapheme joiner, Khmer inherent vowels, variation selectors).
 */
const CANDIDATES =
  /[\p{Cf}\p{Cs}\u0000-\u0008\u000b-\u001f\u007f-\u009f\u2028\u2029\u115f\u1160\u3164\uffa0\u2800]|\p{Variation_Selector}|\u034f|[\u17b4\u17b5]|[\u{e0000}-\u{e0fff}]/gu;

/** Lists them in order. What makes emoji of signs (U+FE0F) and joins emoji to one (U+200D) shows, and so is not hidden. */
export function findHiddenCharacters(text: string): HiddenCharacter[] {
  const found: HiddenCharacter[] = [];
  for (const match of text.matchAll(CANDIDATES)) {
    const codePoint = match[0].codePointAt(0) ?? 0;
    if (codePoint === 0xfe0f && isEmojiStyle(text, match.index)) continue;
    if (codePoint === 0x200d && isEmojiJoiner(text, match.index)) continue;
    const name = `U+${codePoint.toString(16).toUpperCase().padStart(4, '0')}`;
    found.push({ kind: toKind(codePoint), index: match.index, length: match[0].length, name });
  }
  return found;
}

function toKind(codePoint: number): HiddenKind {
  if (codePoint >= 0xd800 && codePoint <= 0xdfff) return 'lone_surrogate';
  if ((codePoint >= 0xfe00 && codePoint <= 0xfe0f) || (codePoint >= 0xe0100 && codePoint <= 0xe01ef)) return 'variation_selector';
  if (codePoint >= 0xe0000 && codePoint <= 0xe0fff) return 'tag';
  if ((codePoint >= 0x202a && codePoint <= 0x202e) || (codePoint >= 0x2066 && codePoint <= 0x2069)) return 'bidi';
  return codePoint < 0xa0 || codePoint === 0x2028 || codePoint === 0x2029 ? 'control' : 'invisible';
}

const EMOJI_BEFORE = /[\p{Emoji}]$/u;

const EMOJI_BEFORE_JOINER = /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?$/u;
const EMOJI_AFTER_JOINER = /^\p{Extended_Pictographic}/u;

function isEmojiJoiner(text: string, index: number): boolean {
  return EMOJI_BEFORE_JOINER.test(text.slice(Math.max(0, index - 4), index)) && EMOJI_AFTER_JOINER.test(text.slice(index + 1, index + 3));
}

function isEmojiStyle(text: string, index: number): boolean {
  return EMOJI_BEFORE.test(text.slice(Math.max(0, index - 2), index));
}
