import { expect, test } from 'vitest';
import { toFormattedText } from '../../src/agents/compose/from-markdown.ts';
import { cpuMs } from '../policy/cpu-time.ts';

const LENGTH = 20_000;
const fill = (piece: string, length = LENGTH) => piece.repeat(Math.ceil(length / piece.length)).slice(0, length);

test.each(['a*', '**a', '_a_', '~a', '*a**', '"*a', '***a', '`a', '[a](', '> '])('%j over and over holds nobody up', (piece) => {
  const text = fill(piece);
  toFormattedText(fill(piece, 500));
  expect(Math.min(...[1, 2].map(() => cpuMs(() => void toFormattedText(text))))).toBeLessThan(400);
});

test('what has too many marks stays the text that it is; what a person writes keeps its formatting', () => {
  const text = fill('a*').trim();
  expect(toFormattedText(text)).toEqual({ text, entities: [] });
  const line = '- **Opening hours**: _daily_ ~~closed~~\n';
  expect(toFormattedText(line.repeat(150)).entities.filter(({ type }) => type === 'bold')).toHaveLength(150);
});
