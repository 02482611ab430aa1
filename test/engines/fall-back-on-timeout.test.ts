import { describe, expect, test, vi } from 'vitest';
import type { ChatMessage } from '../../src/engines/engine.ts';
import { failureOf, GOOD, MESSAGES, setUp } from './harness.ts';

const sources = ['one', 'two', 'three'].map(
  (name): ChatMessage => ({ role: 'user', content: `${name}: ${'gold rose again. '.repeat(300)}` }),
);
const LONG = [...MESSAGES, ...sources];
const toSize = (messages: { content: string }[] | undefined): number =>
  (messages ?? []).reduce((sum, message) => sum + message.content.length, 0);

describe('a model that does not answer in time', () => {
  test.each(['hang', 'stall'] as const)('(%s) is left for the fast one, with a smaller context', async (kind) => {
    await using setup = await setUp({ engines: [{ timeoutMs: 150 }, { name: 'fast' }] });
    setup.model.script('draft', { kind });
    const answer = await setup.ask({ messages: LONG });
    expect(answer).toMatchObject({ engine: 'fast', value: GOOD });
    const [slow, fast] = setup.model.requests;
    expect(toSize(fast?.messages)).toBeLessThan(toSize(slow?.messages) * 0.6);
    expect(fast?.messages.slice(0, 3)).toEqual(LONG.slice(0, 3));
    await vi.waitFor(() => expect(slow?.isAbandoned).toBe(true));
    expect(setup.pace.sleptMs).toEqual([]);
    expect(setup.calls.map(({ engine, outcome }) => [engine, outcome])).toEqual([
      ['default', 'engine_timeout'],
      ['fast', 'ok'],
    ]);
  });

  test('and has no other engine in its route fails as a timeout', async () => {
    await using setup = await setUp({
      engines: [{ timeoutMs: 100 }, { name: 'fast' }],
      routing: { default: ['default', 'fast'], critic: ['default'] },
    });
    setup.model.script('draft', { kind: 'hang' });
    expect(await failureOf(setup.ask({ agent: 'critic' }))).toMatchObject({ code: 'engine_timeout', retry: 'later' });
    expect(setup.model.count('draft')).toBe(1);
  });

  test('during the repair leaves the repair to the next engine, and it stays the only one', async () => {
    await using setup = await setUp({ engines: [{ timeoutMs: 150 }, { name: 'fast' }] });
    setup.model.script('draft', { kind: 'wrong_shape' }, { kind: 'hang' }, { kind: 'wrong_shape' });
    expect((await failureOf(setup.ask())).code).toBe('output_invalid');
    expect(setup.model.requests.map(({ model }) => model)).toEqual(['model-default', 'model-default', 'model-fast']);
    expect(setup.calls.map(({ isRepair }) => isRepair)).toEqual([false, true, true]);
  });

  test('but only slowly is waited for', async () => {
    await using setup = await setUp();
    setup.model.script('draft', { kind: 'slow', delayMs: 50 });
    expect((await setup.ask()).value).toEqual(GOOD);
  });
});

describe('routes', () => {
  test.each([
    ['critic', 'strict'],
    ['critic:guard-v4', 'strict'],
    ['exec', 'default'],
    ['constructor', 'default'],
  ])('%s is answered by %s', async (agent, engine) => {
    await using setup = await setUp({
      engines: [{}, { name: 'strict' }],
      routing: { default: ['default'], critic: ['strict'] },
    });
    expect((await setup.ask({ agent })).engine).toBe(engine);
  });

  test('an agent whose own route leads to nothing is answered by no other engine', async () => {
    await using setup = await setUp({ routing: { default: ['default'], critic: ['gone'] } });
    const error = await failureOf(setup.ask({ agent: 'critic:guard-v4' }));
    expect(error).toMatchObject({ code: 'config_invalid', message: expect.stringContaining('No engine of the route of critic:guard-v4') });
    expect(setup.model.requests).toEqual([]);
  });

  test('a check names what is reachable and what is not', async () => {
    await using setup = await setUp({ engines: [{}, { name: 'gone', baseUrl: 'http://127.0.0.1:1/v1' }] });
    setup.model.script('models', { kind: 'status', status: 401 });
    const signal = new AbortController().signal;
    expect(await setup.engines.check(signal)).toEqual([
      { engine: 'default', isReachable: false, detail: 'engine_rejected 401' },
      { engine: 'gone', isReachable: false, detail: 'engine_unavailable' },
    ]);
    expect((await setup.engines.check(signal))[0]).toEqual({ engine: 'default', isReachable: true, detail: 'ok' });
  });
});

describe('an interruption', () => {
  test('ends a call in flight and settles it', async () => {
    await using setup = await setUp({ engines: [{}, { name: 'fast' }] });
    setup.model.script('draft', { kind: 'hang' });
    const controller = new AbortController();
    const failure = failureOf(setup.ask({ signal: controller.signal }));
    await vi.waitFor(() => expect(setup.model.count('draft')).toBe(1));
    controller.abort();
    expect((await failure).code).toBe('aborted');
    expect(setup.ledger.openCount()).toBe(0);
    await vi.waitFor(() => expect(setup.model.requests[0]?.isAbandoned).toBe(true));
    expect(setup.model.count('draft')).toBe(1);
  });

  test('before the call costs nothing', async () => {
    await using setup = await setUp();
    expect((await failureOf(setup.ask({ signal: AbortSignal.abort() }))).code).toBe('aborted');
    expect(setup.ledger.reserved).toEqual([]);
  });
});
