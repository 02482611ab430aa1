import { expect, test } from 'vitest';
import type { Breakers, CallEnd } from '../../src/engines/breaker.ts';
import { AppError } from '../../src/errors.ts';
import { makeRecall, type RecallDeps } from '../../src/memory/recall.ts';
import type { Rpc } from '../../src/store/rpc.ts';

const HELD = { stepId: 'T-2026-11-22-0001/retrieve', fence: 1 };
const FOUND_AT = '2026-11-22T14:02:00.000Z';
const found = {
  taskId: 'T-2026-11-21-0001',
  goal: 'Hours',
  type: 'draft',
  storageRef: 'supa://tasks/T-2026-11-21-0001/act.md',
  checksum: 'a'.repeat(64),
  content: 'Closed on Sundays.',
};
const FOUND = { ref: found.storageRef, title: `${found.taskId}: Hours`, text: found.content, origin: 'agent' };

/** A database whose cache has one text, and a breaker that writes down what it is told. */
function setUp({ retrieve, isOpen = false, limitMs }: Partial<RecallDeps> & { isOpen?: boolean }) {
  const ends: (CallEnd | null)[] = [];
  const reasons: unknown[] = [];
  const rpc: Rpc = {
    role: 'ags_worker',
    async call(name, args, schema) {
      if (name !== 'recall_artifacts') throw new Error(`nobody expected ${name}`);
      reasons.push(args.p_reason);
      const { taskId: task_id, storageRef: storage_ref, ...rest } = found;
      return schema.parse({ found_at: FOUND_AT, found: [{ ...rest, task_id, storage_ref }] });
    },
  };
  const breakers: Breakers = {
    async enter(breaker) {
      if (isOpen) throw new AppError('engine_unavailable', 'left alone', { context: { breaker, isLasting: true, retryAfterMs: 1000 } });
      return { report: async (end) => void ends.push(end), keep: async () => undefined };
    },
  };
  const { signal, abort } = makeAbort();
  const recall = makeRecall(
    { rpc, breakers, log: { warn: () => undefined }, ...(retrieve && { retrieve }), ...(limitMs && { limitMs }) },
    HELD,
  );
  return { ends, reasons, abort, search: () => recall.search('hours', { limit: 6, signal }) };
}

function makeAbort() {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const never = () => new Promise<never>(() => undefined);
const cutOff = () => Promise.reject(new AppError('store_unavailable', undefined, { context: { isCutOff: true } }));
const fail = (code: 'store_failed' | 'lease_lost' | 'store_unavailable') => () => Promise.reject(new AppError(code));

test('a search that answers is all that is asked', async () => {
  const { search, ends, reasons } = setUp({ retrieve: async () => [found] });
  expect(await search()).toEqual({ sources: [FOUND], stale: null });
  expect([ends, reasons]).toEqual([[{ isOk: true }], []]);
});

test('one that fails is a failure of its breaker, and the cache answers', async () => {
  const { search, ends, reasons } = setUp({ retrieve: fail('store_failed') });
  expect(await search()).toEqual({ sources: [FOUND], stale: { foundAt: FOUND_AT } });
  expect(ends).toMatchObject([{ isOk: false, error: { code: 'store_failed' } }]);
  expect(reasons).toEqual(['failed']);
});

test('one that does not answer at all is given up after its limit, whether or not it lets go', async () => {
  const { search, ends, reasons } = setUp({ retrieve: never, limitMs: 5 });
  expect(await search()).toMatchObject({ stale: { foundAt: FOUND_AT } });
  expect(ends).toMatchObject([{ isOk: false }]);
  expect(reasons).toEqual(['too_slow']);
});

test('nor one that the server itself cuts off: the next search would be, too', async () => {
  const { search, ends } = setUp({ retrieve: cutOff });
  expect(await search()).toMatchObject({ stale: { foundAt: FOUND_AT } });
  expect(ends).toMatchObject([{ isOk: false, error: { code: 'store_unavailable' } }]);
});

test('while its breaker is open it is not asked', async () => {
  const { search, reasons } = setUp({ isOpen: true, retrieve: () => Promise.reject(new Error('it was asked')) });
  expect(await search()).toMatchObject({ stale: { foundAt: FOUND_AT } });
  expect(reasons).toEqual(['left_alone']);
});

test.each(['lease_lost', 'store_unavailable'] as const)('%s says nothing about the search', async (code) => {
  const { search, ends, reasons } = setUp({ retrieve: fail(code) });
  await expect(search()).rejects.toMatchObject({ code });
  expect([ends, reasons]).toEqual([[null], []]);
});

test('a shutdown is no failure of the search', async () => {
  const { search, ends, reasons, abort } = setUp({ retrieve: never });
  const searching = search();
  abort();
  await expect(searching).rejects.toMatchObject({ code: 'aborted' });
  expect([ends, reasons]).toEqual([[null], []]);
});
