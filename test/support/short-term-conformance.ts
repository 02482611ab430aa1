import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ShortTerm } from '../../src/store/short-term.ts';

export interface ShortTermUnderTest {
  shortTerm: ShortTerm;
  close(): Promise<void>;
}

/** What every short-term memory must do alike. `open` gives an empty one. */
export function testShortTerm(open: () => Promise<ShortTermUnderTest>): void {
  let under: ShortTermUnderTest;
  let shortTerm: ShortTerm;
  beforeAll(async () => {
    under = await open();
    shortTerm = under.shortTerm;
  });
  afterAll(async () => under?.close());

  test.each([
    [17],
    [0],
    [-2.5],
    [true],
    [false],
    [[1, null, 'two', { three: [] }]],
    [{ text: `it's "quoted" \\ and 🚦`, nested: { when: '2025-09-28T10:00:00Z', none: null } }],
    [{}],
  ])('gives back %j', async (value) => {
    await shortTerm.put('value', value, 60);
    expect(await shortTerm.get('value')).toEqual(value);
  });

  test('knows nothing of a key that was never put', async () => {
    expect(await shortTerm.get('never')).toBeNull();
  });

  test('keeps the last value of a key', async () => {
    await shortTerm.put('again', { first: true }, 60);
    await shortTerm.put('again', [2], 60);
    expect(await shortTerm.get('again')).toEqual([2]);
  });

  test('forgets what is deleted; deleting what is not there is harmless', async () => {
    await shortTerm.put('gone', 1, 60);
    await shortTerm.put('kept', 2, 60);
    await shortTerm.delete('gone');
    await shortTerm.delete('gone');
    expect(await shortTerm.get('gone')).toBeNull();
    expect(await shortTerm.get('kept')).toBe(2);
  });

  test('forgets a value when its time is over, and not before', async () => {
    await shortTerm.put('short', 1, 1);
    await shortTerm.put('long', 2, 60);
    expect(await shortTerm.get('short')).toBe(1);
    await expect.poll(() => shortTerm.get('short'), { timeout: 10_000 }).toBeNull();
    expect(await shortTerm.get('long')).toBe(2);
  });

  test('a new value has its own time: the earlier one does not end it', async () => {
    await shortTerm.put('renewed', 1, 1);
    await shortTerm.put('renewed', 2, 60);
    await shortTerm.put('witness', 1, 1);
    await expect.poll(() => shortTerm.get('witness'), { timeout: 10_000 }).toBeNull();
    expect(await shortTerm.get('renewed')).toBe(2);
  });

  test.each([0, -5])('a time of %i seconds is over already, also for an earlier value', async (ttlSeconds) => {
    await shortTerm.put('over', 1, 60);
    await shortTerm.put('over', 2, ttlSeconds);
    expect(await shortTerm.get('over')).toBeNull();
  });

  test.each(['conversation:-100123:5', 'a b\nc', 'ü{x}*?[1]', 'k'.repeat(500)])('takes the key %j as it is', async (key) => {
    await shortTerm.put(key, { key }, 60);
    expect(await shortTerm.get(key)).toEqual({ key });
    expect(await shortTerm.get(`${key}x`)).toBeNull();
  });

  test('many at once do not get into each other’s way', async () => {
    const keys = Array.from({ length: 100 }, (_, index) => `many:${index}`);
    await Promise.all(keys.map((key) => shortTerm.put(key, { key }, 60)));
    expect(await Promise.all(keys.map((key) => shortTerm.get(key)))).toEqual(keys.map((key) => ({ key })));
  });
}
