import { describe, expect, test } from 'vitest';
import type { ScriptedAnswer } from '../support/fake-model.ts';
import { startFakeModel } from '../support/fake-model.ts';
import { failureOf, GOOD, setUp } from './harness.ts';

const BUSY: [string, ScriptedAnswer][] = [
  ['429', { kind: 'status', status: 429 }],
  ['500', { kind: 'status', status: 500 }],
  ['503', { kind: 'status', status: 503 }],
  ['408', { kind: 'status', status: 408 }],
  ['a connection that is cut', { kind: 'reset' }],
  ['a proxy’s page', { kind: 'body', body: '<html>maintenance</html>', contentType: 'text/html' }],
  ['half an answer', { kind: 'body', body: '{"choices":[{"mess' }],
  ['an answer of another kind', { kind: 'body', body: '{"error":"overloaded"}' }],
  ['an answer without choices', { kind: 'body', body: '{"choices":[]}' }],
];

describe('a server that is busy', () => {
  test.each(BUSY)('with %s is asked again', async (_, answer) => {
    await using setup = await setUp({ chance: 0.999 });
    setup.model.script('draft', answer, answer);
    expect((await setup.ask()).value).toEqual(GOOD);
    expect(setup.pace.sleptMs).toEqual([499, 999]);
    expect(setup.calls.map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
      [1, 'engine_unavailable'],
      [2, 'engine_unavailable'],
      [3, 'ok'],
    ]);
  });

  test.each(BUSY)('with %s is given up after three attempts', async (_, answer) => {
    await using setup = await setUp();
    setup.model.script('draft', answer, answer, answer);
    expect((await failureOf(setup.ask())).code).toBe('engine_unavailable');
    expect(setup.model.count('draft')).toBe(3);
    expect(setup.ledger.openCount()).toBe(0);
  });

  test('is waited for as long as it asks, within reason', async () => {
    await using setup = await setUp({ chance: 0 });
    setup.model.script('draft', { kind: 'status', status: 429, headers: { 'retry-after': '7' } });
    await setup.ask();
    expect(setup.pace.sleptMs).toEqual([7_000]);
    setup.model.script('draft', { kind: 'status', status: 429, headers: { 'retry-after': '3600' } });
    expect(await failureOf(setup.ask())).toMatchObject({ code: 'engine_unavailable', context: { status: 429, retryAfterMs: 3_600_000 } });
    expect(setup.pace.sleptMs).toHaveLength(1);
  });

  test('because no money is left on the account is not asked again; the next engine is', async () => {
    await using setup = await setUp({ engines: [{}, { name: 'fast' }] });
    setup.model.script('draft', { kind: 'status', status: 429, body: { error: { code: 'insufficient_quota', message: 'no' } } });
    expect((await setup.ask()).engine).toBe('fast');
    expect(setup.pace.sleptMs).toEqual([]);
  });

  test('hands the question to the next engine of the route with the same context', async () => {
    await using setup = await setUp({ engines: [{}, { name: 'fast' }] });
    setup.model.script('draft', ...[503, 503, 503].map((status): ScriptedAnswer => ({ kind: 'status', status })));
    const answer = await setup.ask();
    expect(answer).toMatchObject({ engine: 'fast', model: 'model-fast', value: GOOD });
    expect(answer.usage.map(({ engine }) => engine)).toEqual(['default', 'default', 'default', 'fast']);
    expect(setup.model.requests[3]?.messages).toEqual(setup.model.requests[0]?.messages);
  });

  test('that nobody listens at is unavailable', async () => {
    const gone = await startFakeModel();
    await gone.close();
    await using setup = await setUp({ engines: [{ baseUrl: gone.baseUrl }] });
    expect(await failureOf(setup.ask())).toMatchObject({ code: 'engine_unavailable', context: { cause: 'ECONNREFUSED' } });
    expect(setup.ledger.settled).toHaveLength(3);
  });
});

describe('a server that says no', () => {
  test.each([400, 401, 403, 404, 422])('with %i is not asked again, and no other engine either', async (status) => {
    await using setup = await setUp({ engines: [{}, { name: 'fast' }] });
    setup.model.script('draft', { kind: 'status', status, body: { error: { code: 'model_not_found', message: 'No such model.' } } });
    expect(await failureOf(setup.ask())).toMatchObject({
      code: 'engine_rejected',
      context: { engine: 'default', status, code: 'model_not_found' },
    });
    expect(setup.model.count('draft')).toBe(1);
  });

  test('a redirect is not followed', async () => {
    await using elsewhere = await setUp();
    await using setup = await setUp();
    setup.model.script('draft', { kind: 'status', status: 307, headers: { location: `${elsewhere.model.baseUrl}/chat/completions` } });
    expect(await failureOf(setup.ask())).toMatchObject({ code: 'engine_rejected', context: { status: 307 } });
    expect(elsewhere.model.requests).toEqual([]);
  });
});
