import { beforeEach, describe, expect, test } from 'vitest';
import type { Priority } from '../../../src/bot/priority.ts';
import { makeSchedule, type Schedule, type ScheduledCall, type Turn } from '../../../src/bot/schedule.ts';
import { toAppError } from '../../../src/errors.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';
import { makeMetrics } from '../../../src/telemetry/metrics.ts';

const MINUTE_MS = 60_000;
const ADAM = 7;
const GROUP = -100;

let nowMs: number;
let timers: { atMs: number; run: () => void }[];
let schedule: Schedule;
let metrics: ReturnType<typeof makeMetrics>;
let logged: string[];
/** Who has left, or was told why not, in that order. */
let ended: string[];

beforeEach(() => {
  nowMs = 1_000_000;
  timers = [];
  logged = [];
  ended = [];
  metrics = makeMetrics({ hasProcessMetrics: false });
  schedule = makeSchedule({
    clock: () => new Date(nowMs),
    log: makeLogger({ level: 'warn', destination: { write: (line) => void logged.push(line) } }),
    metrics,
    startTimer(run, delayMs) {
      const timer = { atMs: nowMs + delayMs, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  });
});

/** Lets the time pass, timer by timer, and whoever was called back have their say. */
async function pass(forMs: number): Promise<void> {
  const untilMs = nowMs + forMs;
  for (;;) {
    await settle();
    const next = timers.toSorted((a, b) => a.atMs - b.atMs)[0];
    if (next === undefined || next.atMs > untilMs) break;
    timers = timers.filter((timer) => timer !== next);
    nowMs = next.atMs;
    next.run();
  }
  nowMs = untilMs;
  await settle();
}

/** Everything that hangs on promises already fulfilled has happened after this. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const toCall = (chatId: number | null, priority: Priority, signal?: AbortSignal): ScheduledCall => ({
  method: chatId === null ? 'answerCallbackQuery' : 'sendMessage',
  chatId,
  priority,
  signal,
});

interface Asked {
  chatId?: number | null;
  priority?: Priority;
  patienceMs?: number;
  signal?: AbortSignal;
}

/** Stands in the row under a name; its end is noted. */
function stand(name: string, { chatId = ADAM, priority = 'answer', patienceMs = MINUTE_MS, signal }: Asked = {}): void {
  schedule.wait(toCall(chatId, priority, signal), patienceMs).then(
    (turn) => {
      ended.push(turn.isGo ? name : `${name} refused`);
      if (turn.isGo) turn.leave();
    },
    (thrown: unknown) => void ended.push(`${name} ${toAppError(thrown).code}`),
  );
}

/** A call leaves and Telegram answers it with 429. */
function flood(chatId: number, retryAfterMs: number): void {
  const call = toCall(chatId, 'answer');
  const turn = schedule.take(call);
  schedule.close(call, retryAfterMs);
  if (turn.isGo) turn.leave();
}

const isGo = ({ isGo: go }: Turn): boolean => go;
const shown = async (): Promise<string[]> => (await metrics.render()).text.split('\n');

describe('without a 429', () => {
  test('everything leaves at once, in any number, and nothing is timed', async () => {
    for (let count = 0; count < 200; count += 1) stand(`a${count}`, { chatId: count % 2 === 0 ? ADAM : GROUP });
    await settle();
    expect(ended).toHaveLength(200);
    expect(timers).toEqual([]);
    expect(await shown()).not.toContainEqual(expect.stringMatching(/^ags_telegram_wait_seconds_count\S* [1-9]/));
  });

  test('progress keeps to one edit a second, in a group to one in three, and gives way to what is under way', () => {
    for (const [chatId, intervalMs] of [
      [ADAM, 1_000],
      [GROUP, 3_000],
    ] as const) {
      const call = toCall(chatId, 'progress');
      expect(isGo(schedule.take(call))).toBe(true);
      expect(schedule.take(call)).toMatchObject({ isGo: false, retryAfterMs: intervalMs });
      nowMs += intervalMs;
      const card = schedule.take(toCall(chatId, 'approval'));
      expect(schedule.take(call)).toMatchObject({ isGo: false, retryAfterMs: 300 });
      if (card.isGo) card.leave();
      expect(isGo(schedule.take(call))).toBe(true);
    }
  });

  test('those of many messages that have to wait come again one after the other, none later than in a minute', () => {
    const take = () => schedule.take(toCall(ADAM, 'progress'));
    expect(isGo(take())).toBe(true);
    const waits = Array.from({ length: 200 }, take).map((turn) => (turn.isGo ? 0 : turn.retryAfterMs));
    expect(waits.slice(0, 3)).toEqual([1_000, 2_100, 3_200]);
    expect(new Set(waits.slice(0, 50)).size).toBe(50);
    expect(Math.max(...waits)).toBe(60_000);
    const start = nowMs;
    for (const waitMs of waits.slice(0, 50)) {
      nowMs = start + waitMs;
      expect(isGo(take())).toBe(true);
    }
  });

  test('progress leaves a group its twenty messages a minute, while cards do not count them', () => {
    for (let count = 0; count < 20; count += 1) {
      const turn = schedule.take(toCall(GROUP, 'approval'));
      if (turn.isGo) turn.leave();
    }
    expect(schedule.take(toCall(GROUP, 'progress'))).toMatchObject({ isGo: false, retryAfterMs: 3_000 });
    expect(isGo(schedule.take(toCall(GROUP, 'approval')))).toBe(true);
  });
});

describe('a chat that answered 429', () => {
  test('is closed for as long as Telegram said; other chats and answers to presses are not', async () => {
    flood(ADAM, 5_000);
    stand('adam');
    stand('group', { chatId: GROUP });
    stand('press', { chatId: null, priority: 'urgent' });
    await pass(4_999);
    expect(ended).toEqual(['group', 'press']);
    await pass(1);
    expect(ended).toEqual(['group', 'press', 'adam']);
    expect(await shown()).toContain('ags_telegram_floods_total{scope="one"} 1');
    expect(logged.join()).toContain('"retry_after_ms":5000');
  });

  test('opens for the highest first, whoever came first', async () => {
    flood(ADAM, 5_000);
    for (let count = 0; count < 50; count += 1) expect(isGo(schedule.take(toCall(ADAM, 'progress')))).toBe(false);
    stand('answer 1');
    stand('card 1', { priority: 'approval' });
    stand('answer 2');
    stand('card 2', { priority: 'approval' });
    stand('stop', { priority: 'urgent' });
    expect(await shown()).toContain('ags_telegram_waiting{priority="approval"} 2');
    await pass(5_000);
    expect(ended[0]).toBe('stop');
    await pass(5_000);
    expect(ended).toEqual(['stop', 'card 1', 'card 2', 'answer 1', 'answer 2']);
    expect(await shown()).toContain('ags_telegram_waiting{priority="approval"} 0');
    expect(await shown()).toContain('ags_telegram_wait_seconds_count{priority="urgent"} 1');
  });

  test('keeps to Telegram’s figures for a minute, and is trusted again after it', async () => {
    flood(ADAM, 1_000);
    flood(GROUP, 1_000);
    for (const name of ['a', 'b', 'c']) stand(name);
    for (const name of ['x', 'y', 'z']) stand(name, { chatId: GROUP });
    await pass(1_000);
    expect(ended).toEqual(['a', 'x']);
    await pass(2_000);
    expect(ended).toEqual(['a', 'x', 'b', 'c']);
    await pass(4_000);
    expect(ended).toEqual(['a', 'x', 'b', 'c', 'y', 'z']);
    await pass(MINUTE_MS);
    for (let count = 0; count < 30; count += 1) stand(`later ${count}`, { chatId: GROUP });
    await settle();
    expect(ended).toHaveLength(36);
  });

  test('what is urgent waits for Telegram’s word, not for the figures', async () => {
    flood(GROUP, 1_000);
    await pass(1_000);
    stand('answer', { chatId: GROUP });
    stand('held', { chatId: GROUP, priority: 'approval' });
    stand('stop', { chatId: GROUP, priority: 'urgent' });
    await settle();
    expect(ended).toEqual(['answer', 'stop']);
  });

  test('tells an effect how long to wait instead of keeping it', () => {
    flood(GROUP, 7_000);
    expect(schedule.take(toCall(GROUP, 'answer'))).toMatchObject({ isGo: false, retryAfterMs: 7_000 });
  });

  test('a second 429 makes it longer; who would wait for more than their patience is told at once', async () => {
    flood(ADAM, 5_000);
    stand('patient');
    stand('hasty', { patienceMs: 10_000 });
    schedule.close(toCall(ADAM, 'answer'), 20_000);
    await settle();
    expect(ended).toEqual(['hasty refused']);
    stand('too late', { patienceMs: 19_999 });
    await pass(20_000);
    expect(ended).toEqual(['hasty refused', 'too late refused', 'patient']);
  });

  test('nobody is kept longer than their patience by those before them', async () => {
    flood(GROUP, 1_000);
    for (let count = 0; count < 30; count += 1) stand(`a${count}`, { chatId: GROUP });
    await pass(MINUTE_MS);
    expect(ended.filter((name) => !name.includes('refused'))).toHaveLength(20);
    expect(ended).toHaveLength(30);
  });
});

describe('several chats that answer 429 within a moment', () => {
  test('close the whole bot for the shortest of their times, and after it thirty leave a second', async () => {
    flood(1, 9_000);
    flood(2, 4_000);
    flood(2, 4_000);
    stand('elsewhere', { chatId: 4 });
    await settle();
    expect(ended).toEqual(['elsewhere']);
    flood(3, 6_000);
    for (let chatId = 10; chatId < 50; chatId += 1) stand(`chat ${chatId}`, { chatId });
    stand('press', { chatId: null, priority: 'urgent' });
    stand('one', { chatId: 1 });
    await pass(3_999);
    expect(ended).toEqual(['elsewhere']);
    await pass(1);
    expect(ended[1]).toBe('press');
    await pass(1_000);
    expect(ended.length).toBeGreaterThanOrEqual(30);
    expect(ended.length).toBeLessThanOrEqual(34);
    expect(ended).not.toContain('one');
    await pass(4_000);
    expect(ended).toContain('one');
    expect(ended).toHaveLength(43);
    expect(await shown()).toContain('ags_telegram_floods_total{scope="all"} 1');
  });

  test('do not when there is time between them', async () => {
    for (const chatId of [1, 2, 3]) {
      flood(chatId, 30_000);
      await pass(1_500);
    }
    stand('elsewhere', { chatId: 4 });
    await settle();
    expect(ended).toEqual(['elsewhere']);
  });
});

describe('the row', () => {
  test('holds five hundred; then the lowest and last is refused, and said so', async () => {
    flood(ADAM, 30_000);
    for (let count = 0; count < 500; count += 1) stand(`a${count}`);
    stand('card', { priority: 'approval' });
    stand('one more');
    await settle();
    expect(ended).toEqual(['a499 refused', 'one more refused']);
    expect(logged.filter((line) => line.includes('too many calls to Telegram wait'))).toHaveLength(2);
    await pass(30_000);
    expect(ended[2]).toBe('card');
  });

  test('who ends while waiting stands in nobody’s way', async () => {
    const ending = new AbortController();
    flood(ADAM, 5_000);
    stand('first', { signal: ending.signal });
    stand('second');
    ending.abort();
    stand('third', { signal: ending.signal });
    await pass(5_000);
    expect(ended.toSorted()).toEqual(['first aborted', 'second', 'third aborted']);
    expect(await shown()).toContain('ags_telegram_waiting{priority="answer"} 0');
  });

  test('an end after the turn has come takes nobody else’s place', async () => {
    const ending = new AbortController();
    flood(ADAM, 5_000);
    stand('first', { signal: ending.signal });
    stand('second');
    await pass(5_000);
    ending.abort();
    await pass(1_000);
    expect(ended).toEqual(['first', 'second']);
  });

  test('a late timer lets nobody overtake those whose time has come', async () => {
    flood(ADAM, 5_000);
    stand('waiting');
    nowMs += 5_000;
    expect(isGo(schedule.take(toCall(ADAM, 'answer')))).toBe(false);
    await settle();
    expect(ended).toEqual(['waiting']);
  });
});

describe('at the end of the process', () => {
  test('the low ones are given back, stops and approvals still get their turn, and what need not wait leaves', async () => {
    flood(ADAM, 2_000);
    stand('answer');
    stand('card', { priority: 'approval' });
    stand('stop', { priority: 'urgent' });
    schedule.drain();
    stand('late answer');
    stand('late card', { priority: 'approval' });
    stand('elsewhere', { chatId: GROUP });
    await settle();
    expect(ended.toSorted()).toEqual(['answer aborted', 'elsewhere', 'late answer aborted']);
    await pass(4_000);
    expect(ended.slice(3)).toEqual(['stop', 'card', 'late card']);
  });
});
