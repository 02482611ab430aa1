import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { findViolations } from '../../src/store/invariants.ts';
import { blockPayer } from '../../src/store/money.ts';
import type { Work } from '../../src/store/steps.ts';
import { resumeEffects, stopEffects } from '../../src/store/stop.ts';
import { passChecklist, payment, readyToMove, tellAccount, trade } from '../support/money.ts';
import { authorize, sendPart, settle } from '../support/stories.ts';
import { PEOPLE } from '../support/story-world.ts';
import { countBy, openRacingStory, race, shuffle } from './support/story.ts';

const PARALLEL = 50;
const db = await openRacingStory({
  limits: {
    trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 12, max_snapshot_age: '1h' },
    payments: { max_single_tx_usdt: '500', cool_down_minutes: 30, max_day_usdt: '1000' },
  },
});
afterAll(async () => {
  expect(await findViolations(db.sql)).toEqual([]);
  await db.close();
}, 120_000);
afterEach(() => expect(db.countDeadlocks()).toBe(0));
const payers = Array.from({ length: PARALLEL }, (_, index) => `tg:${8000 + index}`);
/** Approved by everybody and held by a worker, once for all tests: each asks the gate anew. */
let payments: Work[] = [];
let trades: Work[] = [];
beforeAll(async () => {
  await race(PARALLEL, (index) => passChecklist(db, payers[index]));
  await passChecklist(db);
  await tellAccount(db);
  const amounts = ['170.5', '90.25'];
  payments = await race(PARALLEL, (index) => readyToMove(db, payment(amounts[index % 2] ?? '', { payer: payers[index] ?? '' })));
  trades = await race(PARALLEL, (index) => readyToMove(db, trade(index % 2 === 0 ? '60' : '35')));
}, 300_000);

const loadSum = async (key: string, kind: string) => {
  const [row] = await db.sql(
    `select coalesce(sum((money_order ->> $1)::numeric), 0)::float8 as sum, count(*)::int as count from public.effects where kind = $2 and status in ('granted', 'in_doubt', 'done')`,
    [key, kind],
  );
  return row;
};
const tellVerdict = ({ verdict, limit }: Awaited<ReturnType<typeof authorize>>) => limit?.limit ?? verdict;
/** As if nothing had been let out yet. */
const forget = (kind: string) =>
  db.sql(
    `with gone as (delete from public.effect_attempts where effect_id in (select effect_id from public.effects where kind = $1))
     update public.effects set status = 'void', settled_at = now() where kind = $1`,
    [kind],
  );

test('of twenty payments of one payer at once one is let out', async () => {
  const held = await race(20, () => readyToMove(db, payment('10')));
  const answers = await Promise.all(held.map((work) => authorize(db, work)));
  expect(countBy(answers.map(tellVerdict))).toEqual({ go: 1, cool_down_minutes: 19 });
  expect(await loadSum('amount', 'payment')).toEqual({ sum: 10, count: 1 });
  await forget('payment');
}, 120_000);

test('fifty payers together never pass the cap of the day', async () => {
  const answers = await Promise.all(payments.map((work) => authorize(db, work)));
  const verdicts = countBy(answers.map(tellVerdict));
  expect(Object.keys(verdicts).toSorted()).toEqual(['go', 'max_day_usdt']);
  const spent = await loadSum('amount', 'payment');
  // Not one of those that were refused would have fitted, the smallest neither.
  expect(spent?.sum).toBeLessThanOrEqual(1000);
  expect(spent?.sum).toBeGreaterThan(1000 - 170.5);
  expect(spent?.count).toBe(verdicts.go);
  await forget('payment');
}, 120_000);

test('fifty trades never risk more than the loss of a day, nor are they more than the positions', async () => {
  const answers = await Promise.all(trades.map((work) => authorize(db, work)));
  const verdicts = countBy(answers.map(tellVerdict));
  const spent = await loadSum('risk', 'trade');
  expect(spent?.sum).toBeLessThanOrEqual(500);
  expect(spent?.sum).toBeGreaterThan(440);
  expect(spent?.count).toBe(verdicts.go);
  expect(verdicts.go).toBeLessThanOrEqual(12);
  await forget('trade');
}, 120_000);

test('with ends, returns, doubts, blocks, new numbers and stops between them it stays so', async () => {
  const ENDS = ['done', 'void', 'in_doubt'] as const;
  const bot = db.rpc('ags_bot');
  let over = 0;
  let isOver = false;
  const watch = (async () => {
    while (!isOver) {
      const [pay, risk] = [await loadSum('amount', 'payment'), await loadSum('risk', 'trade')];
      if (Number(pay?.sum) > 1000 || Number(risk?.sum) > 500) over += 1;
    }
  })();
  const attempt = async (work: Work, index: number) => {
    const answer = await authorize(db, work);
    if (answer.verdict !== 'go' || answer.effect === null) return tellVerdict(answer);
    const { effectId } = answer.effect;
    const end = ENDS[index % ENDS.length] ?? 'void';
    const { isGo } = await sendPart(db, effectId, 1, end);
    await settle(db, { held: work, effectId }, isGo && end === 'done' ? 'done' : 'again');
    return `${answer.verdict} ${isGo ? end : 'stopped'}`;
  };
  const disturb = async (index: number) => {
    if (index % 5 === 0) return tellAccount(db);
    const block = { externalId: PEOPLE.owner, payer: payers[index] ?? '', reason: 'a look' };
    await blockPayer(bot, { ...block, isBlocked: true });
    return blockPayer(bot, { ...block, isBlocked: false });
  };
  const stopAndGo = async () => {
    await stopEffects(bot, { externalId: PEOPLE.reviewer, reason: 'drill', scope: 'effects' });
    await resumeEffects(bot, { externalId: PEOPLE.operator, reason: '' });
    await resumeEffects(bot, { externalId: PEOPLE.owner, reason: '' });
  };
  const calls = shuffle([
    ...[...payments, ...trades].map((work, index) => () => attempt(work, index)),
    ...Array.from({ length: 20 }, (_, index) => () => disturb(index)),
    stopAndGo,
    stopAndGo,
  ]);
  const told = await Promise.all(calls.map((call) => call()));
  isOver = true;
  await watch;
  const verdicts = countBy(told.filter((verdict) => typeof verdict === 'string'));
  expect({ over, verdicts }).toMatchObject({ over: 0 });
  expect(Object.keys(verdicts).some((verdict) => verdict.startsWith('go'))).toBe(true);
}, 120_000);
