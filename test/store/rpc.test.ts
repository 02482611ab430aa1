import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '../../src/errors.ts';
import { makeRpc, type Transport } from '../../src/store/rpc.ts';

/** A transport that answers from a list, one entry for each call; an error in it is thrown. */
function makeScripted(answers: unknown[]): Transport & { calls: string[] } {
  const calls: string[] = [];
  return {
    calls,
    async call(_role, name) {
      calls.push(name);
      const answer = answers[calls.length - 1];
      if (answer instanceof Error) throw answer;
      return answer;
    },
    async ping() {},
    async close() {},
  };
}

const makeDriverError = (code: string, fields: Record<string, unknown> = {}) =>
  Object.assign(new Error('from the driver'), { code, ...fields });
const makeWorker = (answers: unknown[]) => {
  const transport = makeScripted(answers);
  return { transport, rpc: makeRpc(transport, 'ags_worker', { random: () => 0 }) };
};

describe('names', () => {
  test.each(['', 'drop table', 'Claim', 'a.b', 'claim1', 'x;--'])('refuses the function name %j', async (name) => {
    const { rpc, transport } = makeWorker([{}]);
    await expect(rpc.call(name, {}, z.unknown())).rejects.toMatchObject({ code: 'internal' });
    expect(transport.calls).toEqual([]);
  });

  test.each(['id', 'p_', 'p_Id', 'p_id => 1', 'P_id'])('refuses the argument name %j', async (key) => {
    const { rpc, transport } = makeWorker([{}]);
    await expect(rpc.call('claim_step', { [key]: 1 }, z.unknown())).rejects.toMatchObject({ code: 'internal' });
    expect(transport.calls).toEqual([]);
  });
});

describe('errors', () => {
  test.each([
    ['ZT001', 'state_conflict'],
    ['ZT002', 'store_failed'],
    ['ZT003', 'not_found'],
    ['ZT004', 'not_allowed'],
    ['ZT005', 'idempotency_conflict'],
    ['ZT006', 'lease_lost'],
    ['ZT007', 'input_invalid'],
    ['ZT008', 'budget_exhausted'],
    ['ZT009', 'plan_invalid'],
    ['42501', 'not_allowed'],
    ['23505', 'store_failed'],
    ['08006', 'store_unavailable'],
    ['57P01', 'store_unavailable'],
    ['53300', 'store_unavailable'],
    ['53100', 'store_unavailable'],
    ['53200', 'store_unavailable'],
    ['57014', 'store_unavailable'],
    ['55P03', 'store_unavailable'],
    ['25006', 'store_unavailable'],
    ['ECONNREFUSED', 'store_unavailable'],
  ])('%s is %s', async (sqlstate, code) => {
    const { rpc, transport } = makeWorker([makeDriverError(sqlstate)]);
    await expect(rpc.call('claim_step', {}, z.unknown())).rejects.toMatchObject({ code, context: { sqlstate, function: 'claim_step' } });
    expect(transport.calls).toHaveLength(1);
  });

  test.each(['detail', 'details'])('keeps the JSON of %s and the hint', async (field) => {
    const { rpc } = makeWorker([makeDriverError('ZT001', { [field]: '{"task_id":"T-2025-09-28-0012"}', hint: 'Look at /status' })]);
    await expect(rpc.call('claim_step', {}, z.unknown())).rejects.toMatchObject({
      context: { task_id: 'T-2025-09-28-0012', hint: 'Look at /status' },
    });
  });

  test('keeps out the sentences of PostgreSQL that quote a row', async () => {
    const { rpc } = makeWorker([makeDriverError('23505', { detail: 'Key (email)=(a@example.org) already exists.' })]);
    const thrown = await rpc.call('claim_step', {}, z.unknown()).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(AppError);
    expect(JSON.stringify(thrown)).not.toContain('example.org');
  });

  test('an error of our own passes as it is', async () => {
    const own = new AppError('store_unavailable', 'no connection');
    await expect(makeWorker([own]).rpc.call('claim_step', {}, z.unknown())).rejects.toBe(own);
  });

  test('an answer of another form is named', async () => {
    const { rpc } = makeWorker([{ step: { id: 7 } }]);
    const call = rpc.call('claim_step', {}, z.object({ step: z.object({ id: z.string() }) }));
    await expect(call).rejects.toMatchObject({ code: 'store_failed', message: expect.stringContaining('step.id') });
  });
});

describe('retries', () => {
  test.each(['40001', '40P01'])('%s is tried again', async (sqlstate) => {
    const { rpc, transport } = makeWorker([makeDriverError(sqlstate), makeDriverError(sqlstate), { ok: true }]);
    expect(await rpc.call('claim_step', {}, z.object({ ok: z.boolean() }))).toEqual({ ok: true });
    expect(transport.calls).toHaveLength(3);
  });

  test('gives up after three, and says that later may be better', async () => {
    const { rpc, transport } = makeWorker(Array.from({ length: 9 }, () => makeDriverError('40P01')));
    await expect(rpc.call('claim_step', {}, z.unknown())).rejects.toMatchObject({ code: 'store_unavailable', retry: 'later' });
    expect(transport.calls).toHaveLength(3);
  });

  test('an outage is not: the call may have been made', async () => {
    const { rpc, transport } = makeWorker([makeDriverError('08006'), { ok: true }]);
    await expect(rpc.call('claim_step', {}, z.unknown())).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(transport.calls).toHaveLength(1);
  });

  test('an interruption ends the pause before the next try', async () => {
    const controller = new AbortController();
    const transport = makeScripted([]);
    transport.call = async () => {
      controller.abort();
      throw makeDriverError('40001');
    };
    const call = makeRpc(transport, 'ags_bot').call('claim_step', {}, z.unknown(), controller.signal);
    await expect(call).rejects.toMatchObject({ code: 'aborted' });
  });
});
