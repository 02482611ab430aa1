import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ChatMessage } from '../../src/engines/engine.ts';
import { shrinkMessages } from '../../src/engines/shrink.ts';
import { estimateMessageTokens } from '../../src/engines/tokens.ts';

const system: ChatMessage = { role: 'system', content: 'Rules. '.repeat(50) };
const task: ChatMessage = { role: 'user', content: 'Judge this: '.repeat(50) };
const source = (name: string): ChatMessage => ({
  role: 'user',
  content: `<data ref="${name}">\n${`${name} says so. `.repeat(200)}\n</data>`,
});

describe('a smaller context', () => {
  const messages = [system, task, source('one'), source('two'), source('three')];
  const whole = estimateMessageTokens(messages);

  test('is the same when there is room', () => {
    expect(shrinkMessages(messages, whole + 100)).toEqual(messages);
  });

  test('loses the last sources first, and the last that stays keeps its marks', () => {
    const shrunk = shrinkMessages(messages, Math.ceil(whole / 2));
    expect(shrunk.slice(0, 3)).toEqual(messages.slice(0, 3));
    expect(shrunk).toHaveLength(4);
    expect(shrunk[3]?.content).toMatch(/^<data ref="two">[\s\S]*shortened[\s\S]*<\/data>$/);
    expect(estimateMessageTokens(shrunk)).toBeLessThanOrEqual(Math.ceil(whole / 2));
  });

  test('never touches instructions and the task, even when they alone are too much', () => {
    expect(shrinkMessages(messages, 10)).toEqual([system, task]);
  });

  test('fits whenever instructions and task fit', () => {
    const texts = fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 }), { maxLength: 5 });
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 3000 }), (contents, room) => {
        const base = estimateMessageTokens([system, task]);
        const shrunk = shrinkMessages([system, task, ...contents.map((content): ChatMessage => ({ role: 'user', content }))], base + room);
        expect(estimateMessageTokens(shrunk)).toBeLessThanOrEqual(base + room);
        expect(shrunk.every((message) => message.content.isWellFormed())).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});
