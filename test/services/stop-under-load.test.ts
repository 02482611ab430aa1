import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type Fleet, type Machine, openFleet, POST_GOAL } from '../support/fleet.ts';
import { listPublished, textOf, until } from '../support/telling.ts';
import { heldBy } from './support/fleet-work.ts';

const { adam, bella, olivia, oscar, rita } = PERSONAS;
const REPETITIONS = 100;
const TASKS = 20;
/** Two of them are decided on right before each stop. */
const DECISIONS = 2;
/** A busy machine of two cores. */
const TIMEOUT_MS = 60_000;

let fleet: Fleet;
let given = 0;
const pressed = new Set<number>();

beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'polling' });
  await Promise.all([fleet.start('bot'), fleet.start('worker', 2)]);
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

const count = async (text: string, values: (string | number)[] = []): Promise<number> =>
  Number((await fleet.sql(`select count(*)::int as count from ${text}`, values))[0]?.count);
const countCopies = () => fleet.telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id).length;

function giveTasks(howMany: number): void {
  for (let index = 0; index < howMany; index += 1) {
    given += 1;
    fleet.telegram.say(oscar.id, oscar.id, `/task ${POST_GOAL} ${given}`);
  }
}

function listFreshCards() {
  return fleet.telegram.history(CHATS.admin.id).flatMap(({ message_id: messageId, reply_markup: markup }) => {
    const data = markup?.inline_keyboard.flat().find(({ text }) => text.includes('Approve'))?.callback_data;
    return data === undefined || pressed.has(messageId) ? [] : [{ messageId, data }];
  });
}

async function approveSome(): Promise<Promise<unknown>[]> {
  const cards = await fleet.telegram.waitFor(() => (listFreshCards().length >= DECISIONS ? listFreshCards().slice(0, DECISIONS) : null), {
    timeoutMs: TIMEOUT_MS,
    what: 'cards to decide on',
  });
  return cards.map(({ messageId, data }) => {
    pressed.add(messageId);
    const { answered } = fleet.telegram.pressRaw(bella.id, CHATS.admin.id, messageId, data);
    // One that the stop refused is pressed again later.
    return answered.then(({ text = '' }) => text.startsWith('Counted') || pressed.delete(messageId));
  });
}

/** Somebody writes in private; the first answer to it, and how long it took. */
async function ask(personaId: number, text: string): Promise<{ text: string; tookMs: number }> {
  const startedAt = performance.now();
  const said = fleet.telegram.say(personaId, personaId, text);
  const answer = await fleet.telegram.waitForMessage(personaId, (message) => message.reply_to_message?.message_id === said.message_id, {
    timeoutMs: TIMEOUT_MS,
    what: `an answer to ${text}`,
  });
  return { text: textOf(answer), tookMs: performance.now() - startedAt };
}

/** Tries of this worker that had begun: what people read as "may still land". */
const countBegun = ({ pid }: Machine) =>
  count(
    `public.effect_attempts a join public.effects e using (effect_id) join public.task_steps s on s.step_id = e.step_id where a.status = 'started' and s.worker like $1`,
    [heldBy({ pid })],
  );
const isIdle = async ({ pid }: Machine) =>
  (await count(`public.task_steps where kind = 'effect' and status = 'running' and worker like $1`, [heldBy({ pid })])) === 0;
const hasHeard = async ({ pid }: Machine) =>
  (await count('public.workers w, public.stop_switch x where w.worker like $1 and w.generation_seen >= x.generation', [
    heldBy({ pid }),
  ])) === 1;

/** What was granted or begun after the stop in force: nothing, ever. */
async function expectNothingSince(): Promise<void> {
  const since = `(select max(stopped_at) from public.stops)`;
  expect(await count(`public.events where type = 'EFFECT_GRANTED' and ts > ${since}`)).toBe(0);
  expect(await count(`public.effects where status = 'granted' and granted_at > ${since}`)).toBe(0);
  expect(await count(`public.effect_attempts where started_at > ${since}`)).toBe(0);
}

async function stopWithOneAsleep(repetition: number): Promise<number> {
  const [asleep, awake] = repetition % 2 === 0 ? fleet.list('worker') : fleet.list('worker').toReversed();
  if (asleep === undefined || awake === undefined) throw new Error('two workers were started');
  const decided = await approveSome();
  // Before the effects begin, and in their midst.
  if (repetition % 4 > 1) await Promise.all(decided);
  asleep.signal('SIGSTOP');
  const { text, tookMs } = await ask(rita.id, '/stop');
  await expectNothingSince();
  expect(text).toMatch(/^🛑 STOPPED/);
  expect(text).toContain(`-${asleep.pid}-`);
  await Promise.all(decided);
  await until(() => isIdle(awake), { timeoutMs: TIMEOUT_MS });
  const begun = await countBegun(asleep);
  const copies = countCopies();
  asleep.signal('SIGCONT');
  await until(async () => (await hasHeard(asleep)) && (await isIdle(asleep)), { timeoutMs: TIMEOUT_MS });
  await expectNothingSince();
  expect(countCopies() - copies).toBeLessThanOrEqual(begun);
  if (begun > 0) expect(text).toContain('May still land');
  return tookMs;
}

test(`${REPETITIONS} stops with ${TASKS} tasks running and one worker suspended: nothing granted after the reply, nothing sent by it when it wakes`, async () => {
  giveTasks(TASKS);
  const tookMs: number[] = [];
  for (let repetition = 0; repetition < REPETITIONS; repetition += 1) {
    tookMs.push(await stopWithOneAsleep(repetition));
    expect((await ask(adam.id, '/resume')).text).toContain('Asked');
    expect((await ask(olivia.id, '/resume')).text).toContain('RESUMED');
    giveTasks(DECISIONS);
  }
  const p95Ms = tookMs.toSorted((a, b) => a - b)[Math.floor(tookMs.length * 0.95)] ?? 0;
  process.stdout.write(`from /stop to its answer: p95 ${Math.round(p95Ms)} ms of ${tookMs.length}\n`);

  expect(await count('public.stops where resumed_at is not null')).toBe(REPETITIONS);
  const approved = `public.approval_requests r join public.tasks t using (task_id) where r.status = 'approved'`;
  await until(async () => (await count(`${approved} and t.ended_at is null and t.status <> 'held'`)) === 0, { timeoutMs: TIMEOUT_MS });
  // What was approved went out, each once; nothing else did.
  const published = listPublished(fleet);
  expect(new Set(published).size).toBe(published.length);
  // One that was cut off in mid-air may be either: people are asked about it.
  const inDoubt = await count(`public.effects where status = 'in_doubt'`);
  expect(published.length).toBeLessThanOrEqual(await count(approved));
  expect(published.length).toBeGreaterThanOrEqual((await count(approved)) - inDoubt);
  expect(published.length).toBeGreaterThanOrEqual(REPETITIONS / 2);
}, 1_800_000);
