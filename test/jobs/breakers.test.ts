import { expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { makeBreakers } from '../../src/jobs/breakers.ts';
import type { Rpc } from '../../src/store/rpc.ts';
import { makeLogger } from '../../src/telemetry/log.ts';

const NAME = 'engine:default';
const signal = new AbortController().signal;
const CLOSED = { may_call: true, is_probe: false, failure_count: 0, retry_after_ms: 0 };

/** A database that answers as told, and a clock that goes when it is told to. */
function setUp() {
  const asked: string[] = [];
  const state = { answer: CLOSED as Record<string, unknown>, nowMs: 0 };
  const rpc: Rpc = {
    role: 'ags_worker',
    async call(name, args, schema) {
      asked.push(name === 'report_breaker' ? `${name} ${String(args.p_is_ok)}` : name);
      if (name === 'return_probe') return schema.parse({ is_returned: true });
      return schema.parse(name === 'report_breaker' ? { state: 'closed' } : state.answer);
    },
  };
  const breakers = makeBreakers({
    rpc,
    holder: 'w1',
    log: makeLogger({ level: 'silent' }),
    redact: (text) => text,
    now: () => state.nowMs,
  });
  return { asked, state, breakers };
}

test('while all is well a busy process asks once a second and reports nothing', async () => {
  const { asked, state, breakers } = setUp();
  await Promise.all(Array.from({ length: 50 }, async () => (await breakers.enter(NAME, signal)).report({ isOk: true })));
  expect(asked).toEqual(['ask_breaker']);
  state.nowMs = 999;
  await breakers.enter(NAME, signal);
  expect(asked).toHaveLength(1);
  state.nowMs = 1_000;
  await breakers.enter(NAME, signal);
  expect(asked).toEqual(['ask_breaker', 'ask_breaker']);
});

test('every failure is reported, and the success after it; what was given up says nothing', async () => {
  const { asked, state, breakers } = setUp();
  await (await breakers.enter(NAME, signal)).report({ isOk: false, error: new AppError('engine_timeout') });
  state.answer = { ...CLOSED, failure_count: 1 };
  await (await breakers.enter(NAME, signal)).report(null);
  await (await breakers.enter(NAME, signal)).report({ isOk: true });
  expect(asked).toEqual(['ask_breaker', 'report_breaker false', 'ask_breaker', 'report_breaker true']);
});

test('of all who wait for the same answer one is the probe', async () => {
  const { asked, state, breakers } = setUp();
  state.answer = { may_call: true, is_probe: true, failure_count: 5, retry_after_ms: 180_000 };
  const entered = await Promise.allSettled(Array.from({ length: 20 }, () => breakers.enter(NAME, signal)));
  expect(entered.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(breakers.enter(NAME, signal)).rejects.toMatchObject({
    code: 'engine_unavailable',
    context: { isLasting: true, breaker: NAME },
  });
  expect(asked).toEqual(['ask_breaker']);
});

test('a probe that never called is given back, and the next call asks again', async () => {
  const { asked, state, breakers } = setUp();
  state.answer = { may_call: true, is_probe: true, failure_count: 5, retry_after_ms: 180_000 };
  await (await breakers.enter(NAME, signal)).report(null);
  await breakers.enter(NAME, signal);
  expect(asked).toEqual(['ask_breaker', 'return_probe', 'ask_breaker']);
});

test('a call that took long looks again: another process may have counted failures meanwhile', async () => {
  const { asked, state, breakers } = setUp();
  const slow = await breakers.enter(NAME, signal);
  state.nowMs = 999;
  await slow.report({ isOk: true });
  expect(asked).toEqual(['ask_breaker']);
  state.nowMs = 1_000;
  await slow.report({ isOk: true });
  expect(asked).toEqual(['ask_breaker', 'ask_breaker']);
  state.nowMs = 2_000;
  state.answer = { ...CLOSED, failure_count: 1 };
  await slow.report({ isOk: true });
  expect(asked).toEqual(['ask_breaker', 'ask_breaker', 'ask_breaker', 'report_breaker true']);
});
