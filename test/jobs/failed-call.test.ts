import { expect, test } from 'vitest';
import type { FailedCall } from '../../src/engines/breaker.ts';
import { AppError } from '../../src/errors.ts';
import { toKeptCall } from '../../src/jobs/failed-call.ts';
import { redactPersonalData } from '../../src/policy/guards/pii.ts';
import { makeRedactor } from '../../src/telemetry/redact.ts';

const KEY = 'plain-words-that-look-like-nothing';
const redact = makeRedactor([KEY], redactPersonalData);

const keep = (call: Partial<FailedCall>) =>
  toKeptCall({ error: new AppError('engine_rejected'), elapsedMs: 7, request: {}, answer: null, ...call }, redact);
const ask = (...contents: string[]) => ({ request: { model: 'm', messages: contents.map((content) => ({ role: 'user', content })) } });

test('keys, and what belongs to people, are masked in what was asked and in what came back', () => {
  const secrets = `${KEY}, ann@example.org, Bearer abcdef1234567890`;
  const { request, answer } = keep({ ...ask(`Write to ${secrets}`), answer: { status: 401, text: `{"error":"wrong key ${secrets}"}` } });
  expect(request).toEqual({ model: 'm', messages: [{ role: 'user', content: 'Write to [secret], [email], Bearer [secret]' }] });
  expect(answer).toBe('{"error":"wrong key [secret], [email], Bearer [secret]"}');
});

test('what is called a secret is hidden whatever it is', () => {
  expect(keep({ request: { settings: { api_key: 'x', maxOutputTokens: 3 } } }).request).toEqual({
    settings: { api_key: '[secret]', maxOutputTokens: 3 },
  });
});

test('a secret at the place of the cut leaves no half', () => {
  const { request, answer } = keep({ ...ask(`${'x'.repeat(990)} ${KEY}`), answer: { status: 500, text: `${'y'.repeat(3_990)} ${KEY}` } });
  expect(JSON.stringify([request, answer])).not.toContain('plain');
});

test('long texts and long lists are cut, and say so', () => {
  const { request, answer } = keep({
    ...ask(...Array.from({ length: 12 }, () => 'x'.repeat(1_500))),
    answer: { status: 500, text: 'y'.repeat(9_000) },
  });
  const messages = request.messages as { content: string }[];
  expect(messages).toHaveLength(9);
  expect(messages[0]?.content).toBe(`${'x'.repeat(1_000)} [500 characters more]`);
  expect(messages[8]).toBe('[4 more]');
  expect(answer).toBe(`${'y'.repeat(4_000)} [5000 characters more]`);
});

test('what no row can hold is left out', () => {
  const answered = (text: string) => keep({ answer: { status: 500, text } }).answer ?? '';
  expect(answered('a\u0000b')).toBe('ab');
  const cut = answered(`${'z'.repeat(3_999)}😀tail`);
  expect(cut.endsWith('z\ufffd [5 characters more]')).toBe(true);
  expect(cut.isWellFormed()).toBe(true);
});

test('where nothing came back, nothing is made up', () => {
  expect(keep({})).toEqual({ code: 'engine_rejected', elapsedMs: 7, request: {}, status: null, answer: null });
});
