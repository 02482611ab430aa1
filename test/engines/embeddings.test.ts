import { describe, expect, test } from 'vitest';
import { makeHttpEmbedder } from '../../src/engines/embeddings.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { failureOf, makePace } from './harness.ts';

const signal = new AbortController().signal;

async function setUp(
  dimensions = 8,
): Promise<{ model: FakeModel; embed(texts: string[]): Promise<number[][]>; [Symbol.asyncDispose](): Promise<void> }> {
  const model = await startFakeModel({ dimensions });
  const embedder = makeHttpEmbedder(
    { baseUrl: model.baseUrl, apiKey: null, model: 'embed-1', dimensions: 8, timeoutMs: 200 },
    { pace: makePace() },
  );
  return { model, embed: (texts) => embedder.embed(texts, signal), [Symbol.asyncDispose]: () => model.close() };
}

describe('embeddings from a server', () => {
  test('are normalised and in the order of the texts', async () => {
    await using setup = await setUp();
    const together = await setup.embed(['gold price', 'silver', 'gold price']);
    expect(together[0]).toEqual(together[2]);
    expect(together[1]).toEqual((await setup.embed(['silver']))[0]);
    for (const vector of together) expect(Math.hypot(...vector)).toBeCloseTo(1, 10);
    expect(setup.model.requests[0]?.body).toEqual({
      model: 'embed-1',
      input: ['gold price', 'silver', 'gold price'],
      encoding_format: 'float',
    });
  });

  test('many texts go in several requests, none in none', async () => {
    await using setup = await setUp();
    expect(await setup.embed(Array.from({ length: 150 }, (_, index) => `text ${index}`))).toHaveLength(150);
    expect(setup.model.count('embeddings')).toBe(3);
    expect(await setup.embed([])).toEqual([]);
    expect(setup.model.count('embeddings')).toBe(3);
  });

  test('vectors of another length are refused', async () => {
    await using setup = await setUp(9);
    expect(await failureOf(setup.embed(['gold']))).toMatchObject({ code: 'output_invalid', context: { expected: 8, got: 9 } });
  });

  test('a missing vector is refused', async () => {
    await using setup = await setUp();
    setup.model.script('embeddings', { kind: 'body', body: '{"data":[]}' });
    expect((await failureOf(setup.embed(['gold']))).code).toBe('output_invalid');
  });

  test('a busy server is asked again, a silent one is left', async () => {
    await using setup = await setUp();
    setup.model.script('embeddings', { kind: 'status', status: 503 }, { kind: 'reset' });
    expect(await setup.embed(['gold'])).toHaveLength(1);
    setup.model.script('embeddings', { kind: 'hang' });
    expect((await failureOf(setup.embed(['gold']))).code).toBe('engine_timeout');
    setup.model.script('embeddings', { kind: 'status', status: 401 });
    expect((await failureOf(setup.embed(['gold']))).code).toBe('engine_rejected');
  });
});
