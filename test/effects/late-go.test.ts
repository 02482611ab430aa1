import { afterAll, beforeEach, expect, test } from 'vitest';
import type { PostPart } from '../../src/domain/post.ts';
import { deliverParts } from '../../src/effects/deliver-parts.ts';
import type { SendResult } from '../../src/effects/messenger.ts';
import { stopEffects } from '../../src/store/stop.ts';
import { approveTask, authorize, openStory, runUntilKind } from '../support/stories.ts';
import { PEOPLE, PLACES } from '../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const PART: PostPart = { kind: 'text', text: 'Gold rose.', entities: [] };
const LATE: SendResult = { outcome: 'refused', reason: 'late', description: 'not sent: too long after the gate was asked' };

let nowMs = 0;
let sent: number[] = [];
beforeEach(() => {
  nowMs = 0;
  sent = [];
});

/** Delivers one granted part; `hold` is what happens between the gate's answer and the message. */
async function deliver(hold: (count: number) => Promise<void> | void, prepareMs = 0) {
  const { taskId } = await approveTask(db);
  const held = await runUntilKind(db, taskId, 'effect');
  const { effect } = await authorize(db, held);
  if (effect === null) throw new Error('the gate gave no effect');
  let count = 0;
  const end = await deliverParts({
    rpc: db.rpc('ags_worker'),
    effect,
    fence: held.step.fence,
    parts: [PART],
    now: () => nowMs,
    async prepare() {
      nowMs += prepareMs;
      return async (isFresh) => {
        count += 1;
        await hold(count);
        if (!isFresh()) return LATE;
        sent.push(count);
        return { outcome: 'sent', message: { chatId: PLACES.signals, topicId: null, messageId: 9_000 + count }, shown: null };
      };
    },
    deliver: () => Promise.resolve(),
    crashAt: () => undefined,
    signal: new AbortController().signal,
  });
  const tries = await db.sql('select status, error from public.effect_attempts where effect_id = $1 order by attempt', [effect.effectId]);
  return { end, tries: tries.map(({ status }) => status) };
}

test('a process that slept after the go asks again before it sends', async () => {
  const slept = await deliver((count) => {
    if (count === 1) nowMs += 3_000;
  });
  expect(slept).toEqual({ end: { outcome: 'done' }, tries: ['void', 'done'] });
  expect(sent).toEqual([2]);
});

test('a go counts for a second, and what takes long beforehand does not use it up', async () => {
  const fresh = await deliver(() => {
    nowMs += 1_000;
  }, 60_000);
  expect(fresh).toEqual({ end: { outcome: 'done' }, tries: ['done'] });
});

test('where every go comes too late the part waits, and certainly has not left', async () => {
  const slow = await deliver(() => {
    nowMs += 1_001;
  });
  expect(slow).toMatchObject({ end: { outcome: 'again' }, tries: ['void', 'void', 'void'] });
  expect(sent).toEqual([]);
});

test('a process that slept through a stop sends nothing when it wakes', async () => {
  const stopped = await deliver(async () => {
    await stopEffects(db.rpc('ags_bot'), { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
    nowMs += 3_000;
  });
  expect(stopped).toEqual({ end: { outcome: 'again', note: 'stopped before sending', retryAfterMs: 1_000 }, tries: ['void'] });
  expect(sent).toEqual([]);
});
