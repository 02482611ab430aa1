import { type Span, trace } from '@opentelemetry/api';
import { afterEach, expect, it } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { withSpan } from '../../src/telemetry/trace.ts';

afterEach(() => trace.disable());

/** A tracer in the SDK's place that writes down what happens to its spans. */
function record(): string[] {
  const seen: string[] = [];
  const noop = trace.getTracer('noop').startSpan('noop');
  const makeSpan = (name: string): Span => {
    const write = (line: string): Span => {
      seen.push(line);
      return span;
    };
    const span: Span = Object.assign(Object.create(noop), {
      setAttribute: (key: string, value: unknown) => write(`${name} ${key}=${value}`),
      setStatus: (status: { code: number; message?: string }) => write(`${name} status ${status.code} ${status.message}`),
      end: () => seen.push(`${name} end`),
    });
    return span;
  };
  const startActiveSpan = (name: string, options: { attributes: object }, fn: (span: Span) => unknown) => {
    seen.push(`${name} start ${JSON.stringify(options.attributes)}`);
    return fn(makeSpan(name));
  };
  // Only the one method that withSpan uses; the interface has overloads that a recorder does not need.
  trace.setGlobalTracerProvider({ getTracer: () => ({ startActiveSpan, startSpan: makeSpan }) as never });
  return seen;
}

it('gives back what the function gave, without any SDK', async () => {
  expect(await withSpan('step', { task_id: 'T-2025-09-28-0001' }, async () => 7)).toBe(7);
});

it('ends the span after success', async () => {
  const seen = record();
  await withSpan('step', { agent: 'critic' }, async (span) => span.setAttribute('score', 1));
  expect(seen).toEqual(['step start {"agent":"critic"}', 'step score=1', 'step end']);
});

it('marks a failure by its code alone, rethrows it and ends the span', async () => {
  const seen = record();
  const error = new AppError('engine_timeout', 'canary: what a person wrote');
  await expect(withSpan('step', {}, () => Promise.reject(error))).rejects.toBe(error);
  expect(seen.slice(1)).toEqual(['step error.type=engine_timeout', 'step status 2 engine_timeout', 'step end']);
});
