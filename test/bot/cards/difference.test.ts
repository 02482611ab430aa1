import { expect, it } from 'vitest';
import type { Rich } from '../../../src/bot/view.ts';
import { describeChange, makeDifference } from '../../../src/bot/views/difference.ts';
import { makePost } from './facts.ts';

const covered = (rich: Rich | null, type: string) =>
  (rich?.entities ?? []).filter((entity) => entity.type === type).map(({ offset, length }) => rich?.text.slice(offset, offset + length));
const long = (word: string, count: number) => Array.from({ length: count }, (_, index) => `${word}${index}`).join(' ');

it('strikes out what went and underlines what came', () => {
  const difference = makeDifference('Gold falls to 2,400 today', 'Gold holds at 2,400 today', 500);
  expect(covered(difference, 'strikethrough')).toEqual(['falls', 'to']);
  expect(covered(difference, 'underline')).toEqual(['holds', 'at']);
});

it('shows a text that was written anew as a whole, not shuffled word by word', () => {
  const before = 'The phone line answers during the same hours, as it always did.';
  const after = 'New opening hours from Monday: weekdays 9 to 5, closed on Sundays.';
  const difference = makeDifference(before, after, 500);
  expect(difference?.text).toBe(`${before}\n${after}`);
  expect(covered(difference, 'strikethrough')).toEqual([before]);
  expect(covered(difference, 'underline')).toEqual([after]);
});

it('is null when nothing changed', () => expect(makeDifference('same', 'same', 500)).toBeNull());

it('shows that a line break came, which nobody would see underlined', () => {
  expect(covered(makeDifference('one two', 'one\ntwo', 500), 'underline')).toEqual(['⏎']);
});

it('leaves out long stretches that stayed the same', () => {
  const same = long('word', 200);
  const difference = makeDifference(`${same} old`, `${same} new`, 500);
  expect(difference?.text.length).toBeLessThan(80);
  expect(difference?.text).toContain('…');
});

it('counts what does not fit instead of hiding it', () => {
  const before = Array.from({ length: 30 }, (_, index) => `keep${index} old${index}`).join(' ');
  const difference = makeDifference(before, before.replaceAll('old', 'new'), 200);
  expect(difference?.text).toMatch(/… \[\d+ more changes: see Details\]$/);
  expect(difference?.text.length).toBeLessThan(260);
});

// A comparison that looked at all pairs of words would not end within the test's own time.
it('compares texts that have nothing in common, whole and with few entities', () => {
  const difference = makeDifference(long('a', 15_000), long('b', 15_000), 700);
  expect(difference?.entities.length).toBeLessThanOrEqual(80);
  expect(covered(difference, 'strikethrough')[0]).toMatch(/^a0 a1 /);
});

it('names another target, and a change that no word shows', () => {
  const before = makePost('one');
  expect(describeChange(before, { ...before, target: { chat_id: -100555, topic_id: 7 } }, 500)?.text).toContain('It goes to -100555/7');
  const bold = { ...before, parts: [{ kind: 'text' as const, text: 'one', entities: [{ type: 'bold' as const, offset: 0, length: 3 }] }] };
  expect(describeChange(before, bold, 500)?.text).toContain('The words are the same');
  expect(describeChange(before, before, 500)).toBeNull();
});
