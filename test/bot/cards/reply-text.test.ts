import fc from 'fast-check';
import type { MessageEntity } from 'grammy/types';
import { describe, expect, it } from 'vitest';
import { cleanText } from '../../../src/agents/clean-text.ts';
import { composePost } from '../../../src/agents/compose/compose-post.ts';
import { toReplyText } from '../../../src/bot/reply-text.ts';

const target = { chatId: -1001, topicId: null };
const compose = (markdown: string) => composePost({ markdown, target }).parts[0];
const squash = (text: string) => text.replace(/\s+/gu, ' ').trim();
const entity = (text: string, words: string, rest: Partial<MessageEntity> & { type: MessageEntity['type'] }) =>
  // The table below gives each type what it needs.
  ({ offset: text.indexOf(words), length: words.length, ...rest }) as MessageEntity;

describe('what a person typed is what is sent', () => {
  it.each([
    '# no heading, 2 * 3 * 4 = 24',
    '1. not a list\n2) nor this\n- nor that\n+ or that',
    'snake_case_name and `ticks` and [brackets](round)',
    'https://example.com/a_b_c?x=1&y=2 and www.example.com/a_b',
    'mail me@example.com, <b>html</b> &amp; ~~tildes~~ | pipes',
    'title\n=====\nbody\n---\n> quote?',
    '\\ backslash \\* at the end \\',
    '    four blanks, no code',
  ])('%j', (text) => {
    const { markdown, isFormattingKept } = toReplyText({ text });
    const part = compose(markdown);
    expect(squash(part?.text ?? '')).toBe(squash(text));
    expect(part?.entities).toEqual([]);
    expect(isFormattingKept).toBe(true);
  });

  it('whatever it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', maxLength: 80 }),
        fc.string({ unit: fc.constantFrom(...'*_`[]()<>#+-=.!|~&@: \n1aB/\\'), maxLength: 60 }),
        (any, signs) => {
          const text = `x${any}${signs}`;
          expect(squash(compose(toReplyText({ text }).markdown)?.text ?? '')).toBe(squash(cleanText(text)));
        },
      ),
      { numRuns: 400 },
    );
  });
});

it('keeps bold, italic, links, code and quotes', () => {
  const text = 'Gold is up, see the source or run x*y now';
  const entities = [
    entity(text, 'Gold', { type: 'bold' }),
    entity(text, 'is up', { type: 'italic' }),
    entity(text, 'the source', { type: 'text_link', url: 'https://example.com/a_(b)?q=1' }),
    entity(text, 'x*y', { type: 'code' }),
  ];
  const { markdown, isFormattingKept } = toReplyText({ text, entities });
  const part = compose(markdown);
  expect(part?.text).toBe(text);
  expect(part?.entities.map(({ type }) => type)).toEqual(['bold', 'italic', 'text_link', 'code']);
  expect(part?.entities.find(({ type }) => type === 'text_link')?.url).toBe('https://example.com/a_(b)?q=1');
  expect(isFormattingKept).toBe(true);
});

it('keeps the words and says so when formatting has no sign', () => {
  const text = 'half bo‌ld "quoted"x here';
  const { markdown, isFormattingKept } = toReplyText({ text, entities: [entity(text, 'here', { type: 'underline' })] });
  expect(squash(compose(markdown)?.text ?? '')).toBe(squash(cleanText(text)));
  expect(isFormattingKept).toBe(false);
});

it('never shows a sign that was only meant as formatting', () => {
  const text = 'say "hi"loud and (this)that';
  const entities = [entity(text, '"hi"', { type: 'bold' }), entity(text, '(this)', { type: 'italic' })];
  expect(compose(toReplyText({ text, entities }).markdown)?.text).toBe(text);
});
