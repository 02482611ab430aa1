import { expect, test } from 'vitest';
import { guardMessenger } from '../../src/effects/guard-messenger.ts';
import type { Messenger, SendResult } from '../../src/effects/messenger.ts';
import type { Breakers } from '../../src/engines/breaker.ts';
import { AppError } from '../../src/errors.ts';

const TARGET = { chatId: -100, topicId: null };
const SENT: SendResult = { outcome: 'sent', message: { ...TARGET, messageId: 1 }, shown: null };
const UNKNOWN: SendResult = { outcome: 'unknown', description: 'Bad Gateway' };

function setUp(results: SendResult[]) {
  const reports: string[] = [];
  const breakers: Breakers = {
    async enter() {
      return {
        async report(end) {
          reports.push(end === null ? 'nothing' : end.isOk ? 'ok' : end.error.code);
        },
        keep: () => Promise.resolve(),
      };
    },
  };
  const next = () => Promise.resolve(results.shift() ?? SENT);
  const messenger: Messenger = { sendPart: next, copyMessage: next };
  return { reports, breakers, messenger };
}

async function sendThrough(results: SendResult[], { isAborted = false } = {}) {
  const { reports, ...deps } = setUp([...results]);
  const ending = new AbortController();
  const guard = await guardMessenger(deps, ending.signal);
  if (guard.isLeftAlone) throw new Error('the breaker let it through');
  if (isAborted) ending.abort();
  const options = { signal: ending.signal };
  for (const _ of results) await guard.messenger.copyMessage({ ...TARGET, messageId: 7 }, TARGET, options);
  await guard.leave();
  return reports;
}

test.each<[string, SendResult[], string[]]>([
  ['what arrived', [SENT], ['ok']],
  ['each part, in its order', [SENT, UNKNOWN], ['ok', 'telegram_unavailable']],
  ['no connection', [{ outcome: 'refused', reason: 'unavailable', description: 'no connection' }], ['telegram_unavailable']],
  ['a clear no', [{ outcome: 'refused', reason: 'forbidden', description: 'kicked' }], ['ok']],
  ['being asked to wait', [{ outcome: 'refused', reason: 'flood', retryAfterMs: 1, description: 'wait' }], ['nothing']],
  ['nothing was sent', [], ['nothing']],
])('%s is told to the breaker', async (_what, results, reports) => {
  expect(await sendThrough(results)).toEqual(reports);
});

test('what was lost because this process ends says nothing about the messenger', async () => {
  expect(await sendThrough([UNKNOWN], { isAborted: true })).toEqual(['nothing']);
});

test('while it is left alone nothing is sent, and it says until when', async () => {
  const open = new AppError('engine_unavailable', 'open', { context: { breaker: 'telegram', retryAfterMs: 90_000 } });
  const breakers: Breakers = { enter: () => Promise.reject(open) };
  const signal = new AbortController().signal;
  expect(await guardMessenger({ ...setUp([]), breakers }, signal)).toEqual({ isLeftAlone: true, retryAfterMs: 90_000 });
  const broken: Breakers = { enter: () => Promise.reject(new AppError('store_unavailable')) };
  await expect(guardMessenger({ ...setUp([]), breakers: broken }, signal)).rejects.toMatchObject({ code: 'store_unavailable' });
});
