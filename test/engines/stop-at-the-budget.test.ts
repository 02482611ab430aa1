import { describe, expect, test } from 'vitest';
import { failureOf, setUp } from './harness.ts';

describe('the budget', () => {
  test('that is used up stops a call before it is made', async () => {
    await using setup = await setUp({ limitTokens: 100, engines: [{}, { name: 'fast' }] });
    expect((await failureOf(setup.ask())).code).toBe('budget_exhausted');
    expect(setup.model.requests).toEqual([]);
    expect(setup.calls).toEqual([]);
  });

  test('is asked for the most that a call can cost and told what it did cost', async () => {
    await using setup = await setUp();
    setup.model.script('draft', {
      kind: 'value',
      value: { text: 'ok', count: 1 },
      usage: { prompt_tokens: 123, completion_tokens: 45 },
    });
    const { usage } = await setup.ask();
    const [most] = setup.ledger.reserved;
    expect(most?.engine).toBe('default');
    expect(most?.tokens).toBeGreaterThan(500);
    expect(Number(most?.costUsd)).toBeGreaterThan(500 * 1.6e-6);
    const expected = { engine: 'default', model: 'model-default', inputTokens: 123, outputTokens: 45, costUsd: '0.0001212', latencyMs: 0 };
    expect(usage).toEqual([expected]);
    expect(setup.ledger.settled).toEqual([['r1', { ...expected, outcome: 'ok' }]]);
    expect(setup.calls).toEqual([{ ...expected, agent: 'exec', schemaName: 'draft', attempt: 1, isRepair: false, outcome: 'ok' }]);
  });

  test('also stops the repair, the retry and the fallback', async () => {
    for (const answer of [{ kind: 'wrong_shape' } as const, { kind: 'status', status: 503 } as const, { kind: 'hang' } as const]) {
      await using setup = await setUp({ engines: [{ timeoutMs: 100 }, { name: 'fast' }] });
      setup.model.script('draft', answer);
      let reserved = 0;
      const { reserve } = setup.ledger;
      setup.ledger.reserve = async (most) => reserve({ ...most, tokens: reserved++ === 0 ? most.tokens : Number.MAX_SAFE_INTEGER });
      expect((await failureOf(setup.ask())).code).toBe('budget_exhausted');
      expect(setup.model.count('draft')).toBe(1);
      expect(setup.ledger.openCount()).toBe(0);
    }
  });

  test('a loop of calls ends at its limit, not later', async () => {
    await using setup = await setUp({ limitTokens: 3_000 });
    let answers = 0;
    const loop = async (): Promise<never> => {
      for (;;) {
        await setup.ask();
        answers++;
      }
    };
    expect((await failureOf(loop())).code).toBe('budget_exhausted');
    const used = setup.ledger.settled.reduce((sum, [, usage]) => sum + usage.inputTokens + usage.outputTokens, 0);
    expect(used).toBeLessThanOrEqual(3_000);
    expect(answers).toBeGreaterThan(5);
  });

  test.each([null, { prompt_tokens: -5, completion_tokens: 1.5 }])('a server that reports %j is charged by the estimate', async (usage) => {
    await using setup = await setUp();
    setup.model.script('draft', { kind: 'value', value: { text: 'ok then', count: 1 }, usage });
    const answer = await setup.ask();
    expect(answer.usage[0]?.inputTokens).toBeGreaterThan(20);
    expect(answer.usage[0]?.outputTokens).toBeGreaterThan(3);
  });

  test('a call that was turned away costs nothing, one that was abandoned its input', async () => {
    await using setup = await setUp({ engines: [{ timeoutMs: 100 }] });
    setup.model.script('draft', { kind: 'status', status: 503 }, { kind: 'hang' });
    expect((await failureOf(setup.ask())).code).toBe('engine_timeout');
    const [turnedAway, abandoned] = setup.ledger.settled.map(([, usage]) => usage);
    expect(turnedAway).toMatchObject({ inputTokens: 0, outputTokens: 0, costUsd: '0', outcome: 'failed' });
    expect(abandoned).toMatchObject({ outputTokens: 0, outcome: 'failed' });
    expect(abandoned?.inputTokens).toBeGreaterThan(20);
  });
});
