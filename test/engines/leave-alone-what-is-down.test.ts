import { expect, test } from 'vitest';
import type { Breakers, CallEnd } from '../../src/engines/breaker.ts';
import { makeEngines } from '../../src/engines/routing.ts';
import { AppError } from '../../src/errors.ts';
import { Draft, failureOf, MESSAGES, makeEndpoint, makeLedger, makePace, setUp } from './harness.ts';

/** Breakers of which some are open, and what they were told. */
function makeTestBreakers(open: readonly string[], retryAfterMs: Record<string, number> = {}) {
  const told: [string, string][] = [];
  const describe = (end: CallEnd | null) => (end === null ? 'nothing' : end.isOk ? 'ok' : end.error.code);
  const breakers: Breakers = {
    async enter(name) {
      if (open.includes(name))
        throw new AppError('engine_unavailable', 'open', { context: { isLasting: true, breaker: name, retryAfterMs: retryAfterMs[name] } });
      return { report: async (end) => void told.push([name, describe(end)]), keep: async () => undefined };
    },
  };
  return { breakers, told };
}

async function askWith(breakers: Breakers, names: string[], ledger = makeLedger()) {
  await using base = await setUp();
  const engines = makeEngines({
    endpoints: names.map((name) => makeEndpoint(base.model, { name })),
    routing: { default: names },
    pace: makePace(),
    breakers,
  });
  const request = {
    agent: 'exec',
    schemaName: 'draft',
    schema: Draft,
    messages: MESSAGES,
    maxOutputTokens: 500,
    facts: {},
    signal: new AbortController().signal,
  };
  const asking = engines.forStep(ledger).answer(request);
  await asking.catch(() => undefined);
  return { asking, ledger };
}

test('an engine whose breaker is open is passed over without a try and without money; the next one answers', async () => {
  const { breakers, told } = makeTestBreakers(['engine:first']);
  const { asking, ledger } = await askWith(breakers, ['first', 'second']);
  expect((await asking).engine).toBe('second');
  expect(ledger.reserved.map(({ engine }) => engine)).toEqual(['second']);
  expect(told).toEqual([['engine:second', 'ok']]);
});

test('when every breaker is open the step comes again later', async () => {
  const { breakers } = makeTestBreakers(['engine:only']);
  const error = await failureOf((await askWith(breakers, ['only'])).asking);
  expect(error).toMatchObject({ code: 'engine_unavailable', retry: 'later' });
});

test('of several breakers that are open, the one that is tried first says how long to wait', async () => {
  const times = { 'engine:a': 90_000, 'engine:b': 20_000, 'engine:c': 60_000 };
  const { breakers } = makeTestBreakers(Object.keys(times), times);
  const error = await failureOf((await askWith(breakers, ['a', 'b', 'c'])).asking);
  expect(error.context).toMatchObject({ breaker: 'engine:b', retryAfterMs: 20_000 });
});

test('a call that the budget stops gives its leave back: it may have been the probe', async () => {
  const { breakers, told } = makeTestBreakers([]);
  const ledger = { ...makeLedger(), reserve: () => Promise.reject(new AppError('budget_exhausted')) };
  const error = await failureOf((await askWith(breakers, ['only'], ledger)).asking);
  expect(error.code).toBe('budget_exhausted');
  expect(told).toEqual([['engine:only', 'nothing']]);
});
