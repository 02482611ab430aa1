import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Critique, toPoints } from '../../src/domain/critique.ts';
import { PlanNode } from '../../src/domain/plan.ts';
import { makeEngines } from '../../src/engines/routing.ts';
import { toWireSchema } from '../../src/engines/wire-schema.ts';
import { startFakeModel } from '../support/fake-model.ts';
import { makeEndpoint, makeLedger, setUp } from './harness.ts';

const PolicyPlan = z.object({
  nodes: z
    .array(
      PlanNode.extend({
        agent: z.enum(['trader', 'exec', 'researcher', 'retriever']),
        action: z.enum(['TRADE', 'READ', 'RETRIEVE', 'RESEARCH', 'SUMMARIZE', 'DRAFT_REPLY']),
      }),
    )
    .min(1),
  summary: z.string(),
});

async function ask<T>(schemaName: string, schema: z.ZodType<T>, content = 'Summarise the week in gold.') {
  await using model = await startFakeModel();
  const engine = makeEngines({ endpoints: [makeEndpoint(model)], routing: { default: ['default'] } }).forStep(makeLedger());
  const messages = [{ role: 'user' as const, content }];
  return await engine.answer({
    agent: 'a',
    schemaName,
    schema,
    messages,
    maxOutputTokens: 900,
    facts: {},
    signal: new AbortController().signal,
  });
}

describe('the fake model', () => {
  test('plans retrieve, research, act with what the schema allows', async () => {
    const { value } = await ask('plan', PolicyPlan);
    expect(value.nodes.map(({ id, agent, action, after }) => [id, agent, action, after])).toEqual([
      ['retrieve', 'retriever', 'RETRIEVE', []],
      ['research', 'researcher', 'RESEARCH', ['retrieve']],
      ['act', 'exec', 'DRAFT_REPLY', ['research']],
    ]);
    expect(value.summary).toContain('Summarise the week in gold.');
  });

  test('finds nothing wrong', async () => {
    const { value } = await ask('critique', Critique);
    expect([toPoints(value), value.red_flags]).toEqual([9, []]);
  });

  test('answers any other schema with values that fit and words from the request', async () => {
    const schema = z.object({
      text: z.string().min(200).max(300),
      tags: z.array(z.string()).min(2),
      kind: z.union([z.literal('a'), z.literal('b')]),
      note: z.string().nullable(),
      size: z.int().min(3),
    });
    const { value } = await ask('report', schema, 'x <data-1 kind="goal">\nGold in May\n</data-1>');
    expect(new Ajv().validate(toWireSchema('report', schema), value)).toBe(true);
    expect(value.text).toContain('Gold in May');
  });

  test('answers at once', async () => {
    await using setup = await setUp();
    await setup.ask();
    const startedAt = performance.now();
    for (let round = 0; round < 50; round++) await setup.ask();
    expect((performance.now() - startedAt) / 50).toBeLessThan(20);
    expect(setup.model.count('draft')).toBe(51);
  });
});
