import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import formats from 'ajv-formats';

const directory = join(import.meta.dirname, '../../schemas/events');

/** The event types that have a published schema. */
export function listEventTypes(): string[] {
  const names = readdirSync(directory).map((file) => basename(file, '.json'));
  return names.filter((name) => name !== 'envelope').sort();
}

function compile(): Map<string, ValidateFunction> {
  // Not every keyword stands beside its `type`: a type's schema adds to the envelope, which has the types.
  const ajv = new Ajv2020({ allErrors: true, strict: true, strictTypes: false, strictRequired: false });
  // The package's types describe its CommonJS form; Node hands over the function itself or its `default`.
  const addFormats = ('default' in formats ? formats.default : formats) as typeof formats.default;
  addFormats(ajv);
  const read = (name: string): object => JSON.parse(readFileSync(join(directory, `${name}.json`), 'utf8'));
  ajv.addSchema(read('envelope'));
  return new Map(listEventTypes().map((name) => [name, ajv.compile(read(name))]));
}

/** The event of one row of `events`, whose columns are named as the playbook's tables are. */
export function fromEventRow(row: Record<string, unknown>): Record<string, unknown> {
  const { schema_version, event_id, type, task_id, agent, ts, payload_json, idempotency_key } = row;
  const time = ts instanceof Date ? ts.toISOString() : ts;
  return { schema_version, event_id, event_type: type, task_id, agent, ts: time, payload: payload_json, idempotency_key };
}

/**
 * Makes a function that says what is wrong with one event, nothing when it is as published. An event whose type has no schema is
 * wrong too: other programs read these.
 */
export function makeEventValidator(): (event: unknown) => string[] {
  const validators = compile();
  return (event) => {
    const type = typeof event === 'object' && event !== null && 'event_type' in event ? String(event.event_type) : '';
    const validate = validators.get(type);
    if (validate === undefined) return [`event_type ${JSON.stringify(type)} has no schema in schemas/events`];
    if (validate(event)) return [];
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath || '/'} ${message} ${JSON.stringify(params)}`,
    );
  };
}
