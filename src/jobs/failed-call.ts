import type { FailedCall } from '../engines/breaker.ts';
import type { KeptCall } from '../store/breakers.ts';
import { redactJson } from '../telemetry/redact.ts';

/** Enough to see what was asked and how it was refused; the whole prompt is no use to whoever mends the tool. */
const MAX_TEXT = 1_000;
const MAX_ANSWER = 4_000;
const MAX_ITEMS = 8;

/** What may be kept of a failed call: masked first and cut then, so that no half of a secret is left at the cut. Pure. */
export function toKeptCall({ error, elapsedMs, request, answer }: FailedCall, redact: (text: string) => string): Omit<KeptCall, 'name'> {
  const asked = Object.entries(request).map(([key, value]) => [key, cutJson(redactJson(value, redact))]);
  return {
    code: error.code,
    elapsedMs,
    request: Object.fromEntries(asked),
    status: answer?.status ?? null,
    answer: answer === null ? null : cutText(redact(answer.text), MAX_ANSWER),
  };
}

function cutJson(value: unknown): unknown {
  if (typeof value === 'string') return cutText(value, MAX_TEXT);
  if (Array.isArray(value)) {
    const more = value.length - MAX_ITEMS;
    return [...value.slice(0, MAX_ITEMS).map(cutJson), ...(more > 0 ? [`[${more} more]`] : [])];
  }
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, cutJson(item)]));
}

/** Also such that a row can hold it. */
function cutText(text: string, maxChars: number): string {
  const storable = text.replaceAll('\u0000', '').toWellFormed();
  const more = storable.length - maxChars;
  return more > 0 ? `${storable.slice(0, maxChars).toWellFormed()} [${more} characters more]` : storable;
}
