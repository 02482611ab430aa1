import { expect, test } from 'vitest';
import { makeEngineSlots } from '../../src/engines/slots.ts';
import { failureOf, setUp } from './harness.ts';

const NEVER = new AbortController().signal;
/** Longer than any test. */
const PATIENT = { patienceMs: 600_000 };

test('as many at once as there are slots, of each engine; who came first is next', async () => {
  const slots = makeEngineSlots({ perEngine: 2, ...PATIENT });
  const [first, second] = [await slots.enter('slow', NEVER), await slots.enter('slow', NEVER)];
  await slots.enter('other', NEVER);
  const order: string[] = [];
  const waiting = ['third', 'fourth'].map((name) => slots.enter('slow', NEVER).then(() => order.push(name)));
  first();
  await waiting[0];
  expect(order).toEqual(['third']);
  second();
  await waiting[1];
  expect(order).toEqual(['third', 'fourth']);
});

test('who does not get in within a moment is asked to come again, and loses no slot to nobody', async () => {
  const slots = makeEngineSlots({ perEngine: 1, patienceMs: 5 });
  const giveBack = await slots.enter('slow', NEVER);
  await expect(slots.enter('slow', NEVER)).rejects.toMatchObject({ code: 'rate_limited', context: { engine: 'slow', retryAfterMs: 5 } });
  giveBack();
  (await slots.enter('slow', NEVER))();
});

test('who is interrupted while waiting leaves the line in the same turn', async () => {
  const slots = makeEngineSlots({ perEngine: 1, ...PATIENT });
  const giveBack = await slots.enter('slow', NEVER);
  const interruption = new AbortController();
  const waiting = expect(slots.enter('slow', interruption.signal)).rejects.toMatchObject({ code: 'aborted' });
  interruption.abort();
  giveBack();
  await waiting;
  await slots.enter('slow', NEVER);
  await expect(slots.enter('other', interruption.signal)).rejects.toMatchObject({ code: 'aborted' });
});

test('an engine without a free slot costs nothing, the step comes again, and what goes to another engine goes on', async () => {
  const slots = makeEngineSlots({ perEngine: 1, patienceMs: 5 });
  await using base = await setUp({
    engines: [{ name: 'busy' }, { name: 'idle' }],
    routing: { default: ['busy'], critic: ['idle'] },
    slots,
  });
  const giveBack = await slots.enter('busy', NEVER);
  expect(await failureOf(base.ask())).toMatchObject({ code: 'rate_limited', retry: 'later', context: { retryAfterMs: 5 } });
  expect(base.ledger.reserved).toEqual([]);
  for (const round of [1, 2]) expect([round, (await base.ask({ agent: 'critic' })).engine]).toEqual([round, 'idle']);
  giveBack();
  for (const round of [1, 2]) expect([round, (await base.ask()).engine]).toEqual([round, 'busy']);
});
