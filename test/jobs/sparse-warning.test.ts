import { expect, test } from 'vitest';
import { makeSparseWarning } from '../../src/jobs/sparse-warning.ts';

function start() {
  const told: unknown[] = [];
  let nowMs = 0;
  const log = { warn: (fields: object, message: string) => void told.push({ ...fields, message }) };
  // The logger's own type has many more forms of the call than this code uses.
  const warn = makeSparseWarning('lost', { log: log as never, clock: () => nowMs });
  const wait = (ms: number) => {
    nowMs += ms;
  };
  return { told, warn, wait };
}

test('the same trouble is told once a minute, with what was passed over', () => {
  const { told, warn, wait } = start();
  const refused = new Error('refused');
  for (let count = 0; count < 5; count += 1) {
    warn(refused);
    wait(1_000);
  }
  expect(told).toEqual([{ err: refused, repeats: 0, message: 'lost' }]);
  wait(60_000);
  warn(refused);
  expect(told.at(-1)).toEqual({ err: refused, repeats: 4, message: 'lost' });
});

test('another trouble is told at once', () => {
  const { told, warn } = start();
  warn(new Error('refused'));
  warn(new Error('reset'));
  expect(told).toHaveLength(2);
});
