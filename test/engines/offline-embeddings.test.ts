import { describe, expect, test } from 'vitest';
import { makeOfflineEmbedder } from '../../src/embedded/embeddings.ts';
import { failureOf } from './harness.ts';

const signal = new AbortController().signal;
const dot = (a: number[] = [], b: number[] = []): number => a.reduce((sum, value, index) => sum + value * (b[index] ?? 0), 0);

describe('offline embeddings', async () => {
  const handlers = (): number => process.listenerCount('uncaughtException') + process.listenerCount('unhandledRejection');
  const before = handlers();
  const embedder = await makeOfflineEmbedder();

  test('are 512 numbers of length one, the same for the same text', async () => {
    const [first, second] = await embedder.embed(['The price of gold rose.', 'The price of gold rose.'], signal);
    expect(first).toHaveLength(embedder.dimensions);
    expect(Math.hypot(...(first ?? []))).toBeCloseTo(1, 10);
    expect(dot(first, second)).toBeCloseTo(1, 5);
  });

  test('put what means the same nearer than what does not', async () => {
    const [asked, same, other] = await embedder.embed(
      ['How much does gold cost today?', 'What is the current price of gold?', 'The restaurant serves fresh fish on Fridays.'],
      signal,
    );
    expect(dot(asked, same)).toBeGreaterThan(dot(asked, other) + 0.2);
  });

  test('leave the process’s own crash handling alone', async () => {
    await embedder.embed(['loaded'], signal);
    expect(handlers()).toBe(before);
  });

  test('take any text but none', async () => {
    const odd = ['🚀', '今天', '\ud83d broken', 'x'.repeat(50_000), '\u0000'];
    expect(await embedder.embed(odd, signal)).toHaveLength(odd.length);
    expect(await embedder.embed([], signal)).toEqual([]);
    expect((await failureOf(embedder.embed(['fine', '  '], signal))).code).toBe('input_invalid');
  });

  test('stop when interrupted', async () => {
    expect((await failureOf(embedder.embed(['gold'], AbortSignal.abort()))).code).toBe('aborted');
  });
});
