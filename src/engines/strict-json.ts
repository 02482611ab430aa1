import { AppError } from '../errors.ts';

/** No answer of ours nests deeper; a model that does is not answering. */
const MAX_DEPTH = 64;
/** A double holds every decimal of 15 significant digits; a longer one may come out as another number. */
const SAFE_DIGITS = 15;

/** The words of valid JSON that matter here. Blanks and literals fall between them. */
const WORDS = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],:]|-?\d[\d.eE+-]*/gs;

/**
 * Parses one JSON document and nothing else. Besides what JSON.parse refuses it refuses keys that stand twice in one object
 * (readers disagree on which one counts), `__proto__`, and numbers that a double cannot hold. Throws AppError output_invalid.
 */
export function parseStrictJson(text: string): unknown {
  const value = parseJson(text);
  scan(text);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text.
    throw new AppError('output_invalid', 'not valid JSON: expected one complete JSON document and nothing around it');
  }
}

/** Walks text that is known to be valid JSON: every string right after `{` or `,` of an object is a key. */
function scan(text: string): void {
  const open: (Set<string> | null)[] = [];
  let isKeyNext = false;
  for (const [word] of text.matchAll(WORDS)) {
    if (word === '{' || word === '[') {
      if (open.push(word === '{' ? new Set() : null) > MAX_DEPTH) throw new AppError('output_invalid', `nested deeper than ${MAX_DEPTH}`);
      isKeyNext = word === '{';
    } else if (word === '}' || word === ']') {
      open.pop();
    } else if (word === ',') {
      isKeyNext = open.at(-1) instanceof Set;
    } else if (word.startsWith('"')) {
      if (isKeyNext) addKey(open.at(-1), word);
      isKeyNext = false;
    } else if (word !== ':') {
      assertSafeNumber(word);
    }
  }
}

function addKey(keys: Set<string> | null | undefined, quoted: string): void {
  // Decoded first: "\u0061" and "a" are the same key. A JSON string parses to a string.
  const key = JSON.parse(quoted) as string;
  const shown = JSON.stringify(key.slice(0, 40));
  if (key === '__proto__') throw new AppError('output_invalid', 'the key "__proto__" is not allowed');
  if (keys?.has(key)) throw new AppError('output_invalid', `the key ${shown} stands twice in one object`);
  keys?.add(key);
}

function assertSafeNumber(literal: string): void {
  const value = Number(literal);
  const digits = literal
    .replace(/[eE].*$/, '')
    .replace(/[-.]/g, '')
    .replace(/^0+/, '');
  const isLostToZero = value === 0 && digits !== '';
  const isSafe = Number.isFinite(value) && !isLostToZero && (digits.length <= SAFE_DIGITS || Number.isSafeInteger(value));
  if (!isSafe || (/^-?\d+$/.test(literal) && !Number.isSafeInteger(value))) {
    throw new AppError('output_invalid', `the number ${literal.slice(0, 40)} cannot be held exactly`);
  }
}
