import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanText, countInvisible } from '../../src/agents/clean-text.ts';
import { composePost, toPlainText } from '../../src/agents/compose/compose-post.ts';
import { normalizeEntities } from '../../src/domain/entities.ts';
import { type Entity, Post, toPostChecksum } from '../../src/domain/post.ts';
import { AppError } from '../../src/errors.ts';

const TARGET = { chatId: -100, topicId: null };
/** Texts of the characters that matter: markup, blanks, invisible ones, pairs, accents. */
const MARKUP = fc.array(
  fc.constantFrom(
    ...'*_`~[]()<>#|>-!\\&;:\n\n  1.ab',
    '**',
    '```',
    '](https://e.com)',
    '\u200D',
    '\u202E',
    '\uFE0F',
    '😀',
    '👨‍👩‍👧',
    '\u0301',
    'e',
    '\uD800',
    '&#x301;',
    '\u{E0041}',
    '> ',
    '- ',
  ),
  { maxLength: 300 },
);
const ANY_TEXT = fc.oneof(
  MARKUP.map((pieces) => pieces.join('')),
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 400 }),
);
const LONG_TEXT = fc
  .tuple(ANY_TEXT, fc.integer({ min: 1, max: 40 }))
  .map(([text, times]) => Array.from({ length: times }, () => text).join(' '));

function tryCompose(markdown: string, media?: { checksum: string; ref: string }): Post | null {
  try {
    return composePost({ markdown, target: TARGET, media });
  } catch (error) {
    if (error instanceof AppError && error.code === 'input_invalid') return null;
    throw error;
  }
}

describe('for any text', () => {
  it('a post is valid, trimmed, visible and in normal form, or refused as empty', () => {
    fc.assert(
      fc.property(LONG_TEXT, (markdown) => {
        const post = tryCompose(markdown);
        for (const { text, entities } of Post.nullable().parse(post)?.parts ?? []) {
          expect(text).toBe(text.trim());
          expect(text).toBe(text.normalize('NFC'));
          expect(cleanText(text)).toBe(text);
          expect(countInvisible(text)).toBe(0);
          expect(normalizeEntities(entities)).toEqual(entities);
          for (const entity of entities) expect(entity.offset + entity.length).toBeLessThanOrEqual(text.length);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('the same text gives the same checksum', () => {
    fc.assert(
      fc.property(ANY_TEXT, (markdown) => {
        const [one, two] = [tryCompose(markdown), tryCompose(markdown)];
        expect(one && toPostChecksum(one)).toBe(two && toPostChecksum(two));
      }),
    );
  });

  it('a picture always has a caption that fits', () => {
    fc.assert(
      fc.property(LONG_TEXT, (markdown) => {
        const post = tryCompose(markdown, { checksum: 'a'.repeat(64), ref: 'supa://x' });
        expect(Post.parse(post).parts[0]?.kind).toBe('photo');
      }),
      { numRuns: 50 },
    );
  });

  it('plain words arrive as they are, in their order', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1, maxLength: 2000 }), (words) => {
        const post = tryCompose(words.join(' '));
        expect(post && toPlainText(post).split(/\s+/)).toEqual(words);
      }),
      { numRuns: 50 },
    );
  });

  it('cleaning twice changes nothing', () => {
    fc.assert(
      fc.property(ANY_TEXT, (text) => {
        expect(cleanText(cleanText(text))).toBe(cleanText(text));
      }),
    );
  });
});

describe('hostile markdown ends in time', () => {
  it.each([
    ['nested quotes', '>'.repeat(20_000)],
    ['open brackets', '['.repeat(20_000)],
    ['underscores', '_a'.repeat(10_000)],
    ['stars', '*a '.repeat(7_000)],
    ['nested lists', Array.from({ length: 300 }, (_, n) => `${'  '.repeat(n)}- a`).join('\n')],
    ['accents on one letter', `a${'\u0316'.repeat(20_000)}`],
    ['blank lines with blanks', '\n   '.repeat(7_000)],
  ])('%s', (_name, markdown) => {
    const startedAt = performance.now();
    tryCompose(`${markdown}x`);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
  });
});

describe('entities in normal form', () => {
  const entity = fc.record({
    type: fc.constantFrom<Entity['type']>('bold', 'italic', 'underline', 'strikethrough', 'code', 'pre', 'text_link', 'blockquote'),
    offset: fc.nat(40),
    length: fc.integer({ min: 1, max: 20 }),
  });

  it('stay as they are, whatever the order they came in', () => {
    fc.assert(
      fc.property(fc.array(entity, { maxLength: 12 }), (entities) => {
        const normal = normalizeEntities(entities);
        expect(normalizeEntities(normal)).toEqual(normal);
        expect(normalizeEntities(normal.toReversed())).toEqual(normal);
      }),
    );
  });

  it('are the same for a style that somebody cut into pieces', () => {
    const whole: Entity[] = [{ type: 'bold', offset: 0, length: 10 }];
    const pieces: Entity[] = [
      { type: 'bold', offset: 4, length: 6 },
      { type: 'bold', offset: 0, length: 4 },
    ];
    expect(normalizeEntities(pieces)).toEqual(whole);
  });
});
