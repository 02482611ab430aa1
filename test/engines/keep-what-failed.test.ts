import { expect, test } from 'vitest';
import type { Breakers, FailedCall } from '../../src/engines/breaker.ts';
import { makeEngines } from '../../src/engines/routing.ts';
import type { ScriptedAnswer } from '../support/fake-model.ts';
import { Draft, KEY, MESSAGES, makeEndpoint, makeLedger, makePace, setUp } from './harness.ts';

/** What is given to be kept while a model answers as told; each answer is one try. */
async function askAndListKept(...answers: ScriptedAnswer[]): Promise<FailedCall[]> {
  await using base = await setUp();
  base.model.script('draft', ...answers);
  const kept: FailedCall[] = [];
  const breakers: Breakers = {
    enter: async () => ({ report: async () => undefined, keep: async (call) => void kept.push(call) }),
  };
  const endpoint = makeEndpoint(base.model, { timeoutMs: 200 });
  const engines = makeEngines({ endpoints: [endpoint], routing: { default: ['default'] }, pace: makePace(), breakers });
  const { signal } = new AbortController();
  const question = { agent: 'exec', schemaName: 'draft', schema: Draft, messages: MESSAGES, maxOutputTokens: 500, facts: {}, signal };
  await engines
    .forStep(makeLedger())
    .answer(question)
    .catch(() => undefined);
  return kept;
}

test('what was asked and what came back, as it was', async () => {
  const body = { detail: `overloaded, says ${KEY}` };
  const [call] = await askAndListKept({ kind: 'status', status: 503, body });
  expect(call).toMatchObject({
    error: { code: 'engine_unavailable' },
    request: { model: 'model-default', agent: 'exec', schemaName: 'draft', attempt: 1, isRepair: false, messages: MESSAGES },
    answer: { status: 503, text: JSON.stringify(body) },
  });
  // The address, the headers and the key in them are no part of it.
  expect(JSON.stringify(call?.request)).not.toContain(KEY);
});

test('every try that failed is one, and the good one is none', async () => {
  const kept = await askAndListKept({ kind: 'status', status: 500 }, { kind: 'body', body: '{"no":"completion"}' });
  expect(kept.map(({ request, answer }) => [request.attempt, answer?.status])).toEqual([
    [1, 500],
    [2, 200],
  ]);
  expect(kept[1]?.answer?.text).toBe('{"no":"completion"}');
});

test.each<[string, ScriptedAnswer]>([
  ['a server that hangs', { kind: 'hang' }],
  ['a connection that breaks', { kind: 'reset' }],
])('%s answered nothing', async (_what, answer) => {
  const [call] = await askAndListKept(answer);
  expect(call?.answer).toBeNull();
  expect(call?.elapsedMs).toBe(0);
});

test('a request that was rejected is kept too; a refusal of the model is no failure', async () => {
  const [call] = await askAndListKept({ kind: 'status', status: 401, body: { error: { message: 'Incorrect API key' } } });
  expect(call).toMatchObject({ error: { code: 'engine_rejected' }, answer: { status: 401 } });
  expect(await askAndListKept({ kind: 'refusal', text: 'No.' })).toEqual([]);
});
