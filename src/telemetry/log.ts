import { type DestinationStream, type Logger as PinoLogger, pino, stdTimeFunctions } from 'pino';
import { toErrorFields } from './error-fields.ts';
import { makeRedactor, redactJson } from './redact.ts';

/** Code says `log.info({ taskId, stepId }, 'step done')`; the line says `task_id`, `step_id`. */
export type Logger = PinoLogger;

export interface LoggerOptions {
  level: string;
  /** Values that no line may hold, in any spelling of theirs. */
  secrets?: readonly string[];
  /** Hides personal data in one text. */
  mask?: (text: string) => string;
  /** Where lines go; stdout when left out. */
  destination?: DestinationStream;
  /** Fields of every line. */
  base?: Record<string, unknown>;
}

/** Written by the logger itself: nothing to hide in them, and a mask might take a time for something else. */
const OWN_FIELDS: ReadonlySet<string> = new Set(['level', 'time', 'pid']);

function toSnakeCase(key: string): string {
  return key.replaceAll(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before}_${after.toLowerCase()}`);
}

function renameKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renameKeys);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [toSnakeCase(key), renameKeys(item)]));
}

/**
 * Cleans the finished line, so that nothing gets past it: message, fields, bindings of children, stacks and causes alike. Costs some
 * ten microseconds a line, which a line is worth.
 */
function makeLineFilter(redact: (text: string) => string): (line: string) => string {
  return (line) => {
    const fields: unknown = JSON.parse(line);
    if (typeof fields !== 'object' || fields === null) return line;
    const cleaned = Object.entries(fields).map(([key, value]) =>
      OWN_FIELDS.has(key) ? [key, value] : [toSnakeCase(key), redactField(key, value, redact)],
    );
    return `${JSON.stringify(Object.fromEntries(cleaned))}\n`;
  };
}

function redactField(key: string, value: unknown, redact: (text: string) => string): unknown {
  const cleaned = redactJson({ [key]: value }, redact);
  return renameKeys(Object.values(cleaned as object)[0]);
}

/** Makes the root logger: JSON lines with ISO times and level names, without secrets and personal data. */
export function makeLogger({ level, secrets = [], mask = (text) => text, destination, base = {} }: LoggerOptions): Logger {
  const options = {
    level,
    base: { pid: process.pid, ...base },
    timestamp: stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: (error: unknown) => toErrorFields(error), error: (error: unknown) => toErrorFields(error) },
    hooks: { streamWrite: makeLineFilter(makeRedactor(secrets, mask)) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}
