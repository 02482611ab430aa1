import { expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { callPatiently } from '../../src/store/patiently.ts';

const never = new AbortController().signal;
const away = () => new AppError('store_unavailable');

/** Fails so many times, then answers. */
function makeCall(failures: number, error: () => Error = away) {
  const calls = { count: 0 };
  const call = async () => {
    calls.count += 1;
    if (calls.count <= failures) throw error();
    return 'noted';
  };
  return { calls, call };
}

test('a database that is away for a moment is waited for', async () => {
  const { calls, call } = makeCall(2);
  await expect(callPatiently(call, { patienceMs: 10_000, signal: never })).resolves.toBe('noted');
  expect(calls.count).toBe(3);
});

test('when the patience is over it says what the call said', async () => {
  const { calls, call } = makeCall(100);
  await expect(callPatiently(call, { patienceMs: 600, signal: never })).rejects.toMatchObject({ code: 'store_unavailable' });
  expect(calls.count).toBe(2);
});

test('a refusal is no outage: it is not asked again', async () => {
  const { calls, call } = makeCall(1, () => new AppError('lease_lost'));
  await expect(callPatiently(call, { patienceMs: 10_000, signal: never })).rejects.toMatchObject({ code: 'lease_lost' });
  expect(calls.count).toBe(1);
});

test('a process that ends makes the call once, and does not wait', async () => {
  const { calls, call } = makeCall(100);
  await expect(callPatiently(call, { patienceMs: 10_000, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'store_unavailable',
  });
  expect(calls.count).toBe(1);
});
