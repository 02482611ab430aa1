import { setTimeout as wait } from 'node:timers/promises';
import { CHATS } from '../../src/sandbox/world.ts';
import { runPostsUnder } from './under.ts';
import type { Verdict } from './verdict.ts';

interface Size {
  tasks: number;
}

const PAUSE_MS = 2_000;
const FLOODS = 8;
const RETRY_AFTER_SECONDS = 3;
/** Telegram counts a group by the minute, and the program keeps to that for a while after a 429. */
const FLOOD_SECONDS = 150;
const HANGING = 3;
/** A call that hangs is given up after a minute; then the next engine is asked. */
const TIMEOUT_SECONDS = 90;

/** Telegram answers 429 to what goes to the admin group and to the channel, again and again. */
export async function floodTelegram({ tasks }: Size): Promise<Verdict> {
  let answered = 0;
  const verdict = await runPostsUnder({ tasks, recoverySeconds: FLOOD_SECONDS }, async ({ world }) => {
    const { telegram } = world;
    await wait(PAUSE_MS);
    const as = { status: 429, retryAfter: RETRY_AFTER_SECONDS } as const;
    for (const { id: chatId } of [CHATS.admin, CHATS.signals]) telegram.failNext({ chatId, times: FLOODS, as });
    const at = new Date();
    await telegram.waitFor(() => telegram.calls().filter(({ status }) => status === 429).length >= FLOODS, {
      timeoutMs: FLOOD_SECONDS * 1000,
    });
    telegram.clearFailures();
    answered = telegram.calls().filter(({ status }) => status === 429).length;
    return [at];
  });
  return { ...verdict, beside: { ...verdict.beside, floods: answered } };
}

/** The model takes questions and never answers: each is given up, and the faster engine is asked with less context. */
export function hangModel({ tasks }: Size): Promise<Verdict> {
  return runPostsUnder({ tasks, recoverySeconds: TIMEOUT_SECONDS }, async ({ world }) => {
    const at = new Date();
    await world.model.script('*', ...Array.from({ length: HANGING }, () => ({ kind: 'hang' }) as const));
    return [at];
  });
}
