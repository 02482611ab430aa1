import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';
import { describe, expect, test } from 'vitest';
import { estimateMessageTokens, estimateTokens } from '../../src/engines/tokens.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');
const hash = (seed: number): string => createHash('md5').update(String(seed)).digest('hex');

/** The margin that tokens.ts claims, held against a real tokenizer. */
describe('the estimate lies between the real count and 60 % above it', () => {
  test.each([
    [
      'English prose',
      'The price of gold rose to 2,650 dollars an ounce after the central bank kept its rate; analysts had expected a cut. '.repeat(9),
    ],
    ['TypeScript', read('../../src/errors.ts')],
    ['JSON', JSON.stringify(JSON.parse(read('../../package.json')), null, 2)],
    ['a markdown table', '| day | open | close |\n|---|---|---|\n| 2025-09-28 | 2650.55 | -0.34 |\n'.repeat(9)],
    ['figures', '1234567.891, -0.00034 2650.55 77,123.45; '.repeat(20)],
    ['identifiers', Array.from({ length: 50 }, (_, seed) => `T-2025-09-28-${seed} ${hash(seed)}`).join('\n')],
    ['headlines in capitals', 'BREAKING NEWS GOLD RALLY CONTINUES STRONGLY TODAY\n'.repeat(9)],
    ['German', 'Die Entwicklung der Goldpreise hängt wesentlich von Währungsschwankungen und Zinsentscheidungen ab. '.repeat(9)],
    ['Russian', 'Сегодня цена золота выросла до 2650 долларов за унцию, потому что инвесторы ищут защиту от инфляции. '.repeat(9)],
    ['Chinese', '今天黄金价格上涨到每盎司两千六百五十美元，因为投资者寻求避险。'.repeat(9)],
    ['emoji', '🚀🔥📈💰🎯 Gold to the moon! '.repeat(20)],
  ])('%s', (_, text) => {
    const real = countTokens(text);
    const ratio = estimateTokens(text) / real;
    expect(ratio).toBeGreaterThanOrEqual(1);
    expect(ratio).toBeLessThan(1.6);
  });

  test('random letters are at most three times as many as estimated', () => {
    const base64 = Array.from({ length: 20 }, (_, seed) => Buffer.from(hash(seed)).toString('base64')).join('');
    expect(countTokens(base64) / estimateTokens(base64)).toBeLessThan(3);
  });

  test('one unbroken run of a million letters is counted in passing', () => {
    // Were it counted by its pairs, this would not end before the test's time does.
    expect(estimateTokens('x'.repeat(1_000_000))).toBe(210_000);
  });

  test('messages cost their roles too', () => {
    expect(estimateMessageTokens([])).toBeGreaterThan(0);
    expect(estimateMessageTokens([{ role: 'user', content: 'hello world' }])).toBeGreaterThan(estimateTokens('hello world'));
  });
});
