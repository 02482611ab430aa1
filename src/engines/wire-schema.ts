import { z } from 'zod';
import { AppError } from '../errors.ts';

/** The part of JSON Schema that every server with strict output understands. */
export interface WireSchema {
  type?: string | string[];
  description?: string;
  enum?: unknown[];
  anyOf?: WireSchema[];
  items?: WireSchema;
  properties?: Record<string, WireSchema>;
  required?: string[];
  additionalProperties?: false;
}

type ZodJsonSchema = z.core.JSONSchema.BaseSchema;

/** Keywords that servers refuse or ignore, and how the model is told instead. */
const HINTS: Record<string, (limit: unknown) => string | null> = {
  minLength: (limit) => `at least ${limit} characters`,
  maxLength: (limit) => `at most ${limit} characters`,
  pattern: (limit) => `matches ${limit}`,
  format: (limit) => `format ${limit}`,
  minimum: (limit) => (limit === Number.MIN_SAFE_INTEGER ? null : `at least ${limit}`),
  maximum: (limit) => (limit === Number.MAX_SAFE_INTEGER ? null : `at most ${limit}`),
  exclusiveMinimum: (limit) => `more than ${limit}`,
  exclusiveMaximum: (limit) => `less than ${limit}`,
  multipleOf: (limit) => `a multiple of ${limit}`,
  minItems: (limit) => `at least ${limit} items`,
  maxItems: (limit) => `at most ${limit} items`,
};
const UNSUPPORTED = ['$ref', 'allOf', 'not', 'prefixItems', 'patternProperties', 'propertyNames', 'if'];

/** Agents ask with the same few schemas all the time, and a schema never changes. */
const KNOWN = new WeakMap<z.ZodType, WireSchema>();

/**
 * The strict JSON schema of a zod schema: objects closed, every field required, limits told in words (zod holds to them afterwards).
 * Throws AppError internal for a schema that strict output cannot express; that is a mistake in our code, not in an answer.
 */
export function toWireSchema(name: string, schema: z.ZodType): WireSchema {
  const known = KNOWN.get(schema);
  if (known !== undefined) return known;
  const wire = toStrict(z.toJSONSchema(schema, { io: 'input', reused: 'inline' }), name);
  if (wire.type !== 'object') throw unsupported(name, 'an answer must be an object');
  KNOWN.set(schema, wire);
  return wire;
}

function toStrict(schema: ZodJsonSchema | boolean, path: string): WireSchema {
  if (typeof schema === 'boolean') throw unsupported(path, 'a schema that allows anything or nothing');
  const found = UNSUPPORTED.find((keyword) => keyword in schema);
  if (found) throw unsupported(path, `"${found}"`);
  const branches = schema.anyOf ?? schema.oneOf;
  const base = toBase(schema);
  if (branches) return { ...base, ...toUnion(branches, path) };
  if (schema.type === 'object') return { ...base, ...toObject(schema, path) };
  if (schema.type === 'array') return { ...base, items: toStrict(toItem(schema, path), `${path}[]`) };
  if (schema.type === undefined && base.enum === undefined) throw unsupported(path, 'a value of any type');
  return base;
}

function toBase(schema: ZodJsonSchema): WireSchema {
  const hints = Object.entries(HINTS).flatMap(([keyword, say]) => {
    const limit: unknown = Reflect.get(schema, keyword);
    return limit === undefined ? [] : (say(limit) ?? []);
  });
  const description = [schema.description, hints.join(', ')].filter(Boolean).join(' — ');
  const values = schema.enum ?? (schema.const === undefined ? undefined : [schema.const]);
  return {
    ...(schema.type === undefined ? {} : { type: schema.type }),
    ...(description === '' ? {} : { description }),
    ...(values === undefined ? {} : { enum: values }),
  };
}

/** A choice between constants of one type is written as one enum, which small servers handle better. */
function toUnion(branches: (ZodJsonSchema | boolean)[], path: string): WireSchema {
  const strict = branches.map((branch) => toStrict(branch, path));
  const [first] = strict;
  const isEnum = strict.every((branch) => branch.enum && branch.type === first?.type);
  return isEnum ? { type: first?.type, enum: strict.flatMap((branch) => branch.enum ?? []) } : { anyOf: strict };
}

function toObject(schema: ZodJsonSchema, path: string): WireSchema {
  if (typeof schema.additionalProperties === 'object') throw unsupported(path, 'a record with free keys');
  const entries = Object.entries(schema.properties ?? {});
  const optional = entries.find(([key]) => !schema.required?.includes(key));
  if (optional) throw unsupported(`${path}.${optional[0]}`, 'an optional field; make it nullable');
  return {
    properties: Object.fromEntries(entries.map(([key, value]) => [key, toStrict(value, `${path}.${key}`)])),
    required: entries.map(([key]) => key),
    additionalProperties: false,
  };
}

function toItem(schema: ZodJsonSchema, path: string): ZodJsonSchema | boolean {
  if (schema.items === undefined || Array.isArray(schema.items)) throw unsupported(path, 'an array without one kind of item');
  return schema.items;
}

function unsupported(path: string, what: string): AppError {
  return new AppError('internal', `${path}: strict output cannot express ${what}`);
}

/** Paths of keys that the schema does not name. zod drops them in silence unless told otherwise; an answer must not carry them. */
export function findUnknownKeys(value: unknown, schema: WireSchema, path = ''): string[] {
  if (schema.anyOf) {
    const found = schema.anyOf.map((branch) => findUnknownKeys(value, branch, path));
    return found.reduce((fewest, keys) => (keys.length < fewest.length ? keys : fewest));
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items ? value.flatMap((item, index) => findUnknownKeys(item, items, `${path}[${index}]`)) : [];
  }
  if (typeof value !== 'object' || value === null || !schema.properties) return [];
  const { properties } = schema;
  return Object.entries(value).flatMap(([key, item]) => {
    const known = Object.hasOwn(properties, key) ? properties[key] : undefined;
    const at = path === '' ? key : `${path}.${key}`;
    return known ? findUnknownKeys(item, known, at) : [at.slice(0, 80)];
  });
}
