import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseStrictJson } from '../../src/engines/strict-json.ts';
import { AppError } from '../../src/errors.ts';

describe('strict JSON refuses what two readers could read differently', () => {
  test.each([
    ['a key twice', '{"amount":1,"amount":1000}', 'twice'],
    ['a key twice with the same value', '{"a":1,"a":1}', 'twice'],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}', 'twice'],
    ['a key twice deep inside', '{"x":[{"y":{"b":1,"c":{},"b":2}}]}', 'twice'],
    ['a key twice around an object', '{"a":{"b":1},"a":2}', 'twice'],
    ['__proto__', '{"__proto__":{"isAdmin":true}}', '__proto__'],
    ['an integer beyond 2^53', '{"n":9007199254740993}', 'exactly'],
    ['a long decimal', '{"n":12345678901234567890.10}', 'exactly'],
    ['too many digits after the point', '{"n":0.12345678901234567}', 'exactly'],
    ['infinity by exponent', '{"n":1e400}', 'exactly'],
    ['zero by exponent', '{"n":1e-400}', 'exactly'],
    ['a large integer by exponent', '{"n":123456789012345678e1}', 'exactly'],
    ['a truncated document', '{"text":"gold', 'not valid JSON'],
    ['prose before', 'Here it is: {"a":1}', 'not valid JSON'],
    ['two documents', '{"a":1}{"a":2}', 'not valid JSON'],
    ['a trailing comma', '{"a":1,}', 'not valid JSON'],
    ['a comment', '{"a":1/*x*/}', 'not valid JSON'],
    ['NaN', '{"a":NaN}', 'not valid JSON'],
    ['deep nesting', `${'['.repeat(100)}${']'.repeat(100)}`, 'nested deeper'],
    ['very deep nesting', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, ''],
  ])('%s', (_, text, words) => {
    const parse = (): unknown => parseStrictJson(text);
    expect(parse).toThrow(AppError);
    expect(parse).toThrow(words);
  });

  test('what looks like keys and numbers inside strings is text', () => {
    const value = { a: '{"b":1,"b":2} 9007199254740993', b: 'quote \\" , "a": ', 'c"': ['a', 'a'], d: [{ a: 1 }, { a: 1 }] };
    expect(parseStrictJson(JSON.stringify(value))).toEqual(value);
  });

  test('numbers that a double holds pass', () => {
    expect(parseStrictJson('[0, -0, 0.1, 1.10, 2650.55, 9007199254740991, 1e3, 1.5E-3, 100000000000000]')).toHaveLength(9);
  });

  test('agrees with JSON.parse on every value with distinct keys', () => {
    const text = fc
      .jsonValue({ maxDepth: 5 })
      .map((value) => JSON.stringify(value, (_, item) => (typeof item === 'number' ? Math.round(item) || 0 : item)));
    fc.assert(
      fc.property(text, (json) => {
        if (json.includes('__proto__') || /\d{16}|e\+/.test(json)) return;
        expect(parseStrictJson(json)).toEqual(JSON.parse(json));
      }),
    );
  });

  test('a string of 256 KiB full of escapes is read in linear time', () => {
    const value = { text: '"\\\n'.repeat(40_000) };
    expect(parseStrictJson(JSON.stringify(value))).toEqual(value);
  });
});
