import { toCanonicalJson } from '../ids.ts';
import type { AuditRecord } from './audit-record.ts';

type Values = Readonly<Record<string, unknown>>;

/** A record of the chain, with what it says came after as values. */
export interface OnRecord extends AuditRecord {
  after: Values;
}

export function toOnRecord(record: AuditRecord): OnRecord {
  return { ...record, after: parseValues(record.after_text) };
}

/** A text that is no object says nothing; that it was changed is found by its hash. */
function parseValues(text: string | null): Values {
  try {
    const value: unknown = JSON.parse(text ?? '{}');
    return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
  } catch {
    return {};
  }
}

/** Every value of a line that is another one than the chain says; what is absent and null say the same. */
export function findDifferences(name: string, line: Values, onRecord: Values): string[] {
  return Object.entries(onRecord)
    .filter(([field, value]) => toCanonicalJson(line[field] ?? null) !== toCanonicalJson(value ?? null))
    .map(([field]) => `${name}: its ${field} is not the one on record`);
}

/** The last value that records of these kinds gave to a field; undefined when none did. */
export function lastValue(records: readonly OnRecord[], actions: readonly string[], field: string): unknown {
  return records.findLast(({ action, after }) => actions.includes(action) && after[field] !== undefined)?.after[field];
}
