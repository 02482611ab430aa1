import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { Critique } from '../../src/domain/critique.ts';
import { Plan } from '../../src/domain/plan.ts';
import { findUnknownKeys, toWireSchema, type WireSchema } from '../../src/engines/wire-schema.ts';

const SUPPORTED = new Set(['type', 'description', 'enum', 'anyOf', 'items', 'properties', 'required', 'additionalProperties']);

function listFaults(schema: WireSchema, path = '$'): string[] {
  const foreign = Object.keys(schema).filter((key) => !SUPPORTED.has(key));
  const { properties = {}, anyOf = [], items } = schema;
  const isOpen =
    schema.type === 'object' && (schema.additionalProperties !== false || schema.required?.join() !== Object.keys(properties).join());
  return [
    ...foreign.map((key) => `${path}: ${key}`),
    ...(isOpen ? [`${path}: open`] : []),
    ...Object.entries(properties).flatMap(([key, value]) => listFaults(value, `${path}.${key}`)),
    ...anyOf.flatMap((branch) => listFaults(branch, path)),
    ...(items ? listFaults(items, `${path}[]`) : []),
  ];
}

const Rich = z.object({
  choice: z.discriminatedUnion('kind', [z.object({ kind: z.literal('a'), n: z.int().min(2) }), z.object({ kind: z.literal('b') })]),
  maybe: z.string().max(9).nullable(),
  list: z.array(z.object({ at: z.iso.date() })).min(1),
});

describe('the schema on the wire', () => {
  test.each([
    ['plan', Plan],
    ['critique', Critique],
    ['rich', Rich],
  ])('%s uses only what strict output knows, closed and complete', (name, schema) => {
    expect(listFaults(toWireSchema(name, schema))).toEqual([]);
  });

  test('limits are told in words', () => {
    const wire = toWireSchema('critique', Critique);
    expect(wire.properties?.factuality).toEqual({ type: 'integer', description: 'at least 0, at most 3' });
    expect(wire.properties?.risk_flags).toEqual({ type: 'number', enum: [0, 1] });
  });

  test('another validator reads it as meant', () => {
    const validate = new Ajv().compile(toWireSchema('rich', Rich));
    expect(validate({ choice: { kind: 'a', n: 3 }, maybe: null, list: [] })).toBe(true);
    expect(validate({ choice: { kind: 'c' }, maybe: null, list: [] })).toBe(false);
    expect(validate({ choice: { kind: 'b' }, maybe: null, list: [], extra: 1 })).toBe(false);
  });

  test.each([
    ['an optional field', z.object({ a: z.string().optional() })],
    ['a default', z.object({ a: z.string().default('x') })],
    ['free keys', z.object({ a: z.record(z.string(), z.number()) })],
    ['anything', z.object({ a: z.unknown() })],
    ['a tuple', z.object({ a: z.tuple([z.string(), z.number()]) })],
    ['an array at the top', z.array(z.string())],
  ])('%s is a mistake of ours and named', (_, schema) => {
    expect(() => toWireSchema('thing', schema)).toThrow(/thing.*strict output cannot express/);
  });

  test('keys that no branch names are found', () => {
    const wire = toWireSchema('rich', Rich);
    const value = { choice: { kind: 'b', approved: true }, maybe: null, list: [{ at: '2025-01-01', by: 'me' }], skip_approval: true };
    expect(findUnknownKeys(value, wire)).toEqual(['choice.approved', 'list[0].by', 'skip_approval']);
  });
});
