import { afterAll, beforeEach, expect, test } from 'vitest';
import { beginAttempt } from '../../../src/store/effects.ts';
import { blockPayer, recordPayerCheck } from '../../../src/store/money.ts';
import { openGlass } from '../../support/break-glass.ts';
import { letPaymentsAge, moving, PAYER, passChecklist, payment, readyToMove } from '../../support/money.ts';
import { approve, askTask, authorize, claim, openStory, sendPart, settle } from '../../support/stories.ts';
import { lastRecord, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const LIMITS = {
  trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 3 },
  payments: { max_single_tx_usdt: '500', cool_down_minutes: 30, max_day_usdt: '1000' },
};
const db = await openStory({ ...PUBLISH_IS_T3, limits: LIMITS });
afterAll(() => db.close());

beforeEach(async () => {
  await letPaymentsAge(db, '3 days');
  await db.sql(`update public.effects set status = 'void', settled_at = now() - interval '3 days' where status in ('granted', 'in_doubt')`);
  await db.sql(`update public.effect_attempts set status = 'void', settled_at = now() where status <> 'void'`);
  await passChecklist(db);
  await passChecklist(db, other(0));
});

const other = (number: number) => `tg:${9000 + number}`;
async function expectLimit(held: Awaited<ReturnType<typeof claim>>, verdict: 'limited' | 'refused', limit: object) {
  expect(await authorize(db, held)).toMatchObject({ verdict, effect: null, limit });
  expect(await db.sql('select 1 from public.effects where step_id = $1', [held.step.stepId])).toEqual([]);
}

test('within every limit it is let out, and its order stands in the effect as it was approved', async () => {
  const held = await readyToMove(db, payment('120.50'));
  const { verdict, effect } = await authorize(db, held);
  expect(verdict).toBe('go');
  const [row] = await db.sql('select kind, money_order from public.effects where effect_id = $1', [effect?.effectId]);
  expect(row).toEqual({ kind: 'payment', money_order: payment('120.50') });
});

test('more than may be paid at once cannot be approved, and would not pass the gate', async () => {
  const asked = await askTask(db, moving(payment('500.00000001')));
  expect(asked.request.verdict.items).toContainEqual({
    requirement: 'within_limits',
    isMet: false,
    isByPeople: false,
    detail: '500.00000001 USDT are more than the 500 USDT that may be paid at once',
  });
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  const held = await readyToMove(db, payment('500'));
  await db.sql(`update public.policies set document = jsonb_set(document, '{limits,payments,max_single_tx_usdt}', '"499.99"')`);
  await expectLimit(held, 'refused', { limit: 'max_single_tx_usdt', max: '499.99', asked: '500', isFinal: true, freeAt: null });
  expect(await lastRecord(db, held.task.taskId)).toMatchObject({ action: 'limit.refuse', after: { limit: 'max_single_tx_usdt' } });
  await db.sql(`update public.policies set document = jsonb_set(document, '{limits,payments,max_single_tx_usdt}', '"500"')`);
});

test('of one payer one in half an hour: the refusal says from when on', async () => {
  const first = await readyToMove(db, payment('10'));
  const second = await readyToMove(db, payment('10'));
  const { effect } = await authorize(db, first);
  await expectLimit(second, 'limited', { limit: 'cool_down_minutes', subject: PAYER, freeAt: null });
  await sendPart(db, String(effect?.effectId), 1, 'done');
  await settle(db, { held: first, effectId: String(effect?.effectId) }, 'done');
  const [row] = await db.sql(
    `select to_jsonb(settled_at + interval '30 minutes') #>> '{}' as free_at from public.effects where effect_id = $1`,
    [effect?.effectId],
  );
  await expectLimit(second, 'limited', { freeAt: new Date(String(row?.free_at)).toISOString() });
  await letPaymentsAge(db, '31 minutes');
  expect(await authorize(db, second)).toMatchObject({ verdict: 'go' });
});

test('what certainly did not leave is free again; what may have left is not, also when people gave it up', async () => {
  const first = await readyToMove(db, payment('10'));
  const second = await readyToMove(db, payment('10'));
  const effectId = String((await authorize(db, first)).effect?.effectId);
  await sendPart(db, effectId, 1, 'void');
  await settle(db, { held: first, effectId }, 'again');
  const granted = await authorize(db, second);
  expect(granted).toMatchObject({ verdict: 'go' });
  await sendPart(db, String(granted.effect?.effectId), 1, 'in_doubt');
  await settle(db, { held: second, effectId: String(granted.effect?.effectId) }, 'again');
  const third = await readyToMoveUnasked();
  await expectLimit(third, 'limited', { limit: 'cool_down_minutes', freeAt: null });
  await db.sql(`update public.effects set status = 'failed', settled_at = now() where effect_id = $1`, [granted.effect?.effectId]);
  await expectLimit(third, 'limited', { limit: 'cool_down_minutes', freeAt: expect.any(String) });
});

/** Approved while nothing was in the way: the approval is asked before the payment that is then in it. */
async function readyToMoveUnasked() {
  await db.sql(`update public.policies set document = jsonb_set(document, '{limits,payments,cool_down_minutes}', '0')`);
  const held = await readyToMove(db, payment('10'));
  await db.sql(`update public.policies set document = jsonb_set(document, '{limits,payments,cool_down_minutes}', '30')`);
  return held;
}

test('all payers together stay below what a day allows, and what is under way counts', async () => {
  const held = [];
  for (let number = 0; number < 3; number += 1) {
    await passChecklist(db, other(number));
    held.push(await readyToMove(db, payment('400', { payer: other(number) })));
  }
  const [first, second, third] = held;
  if (!first || !second || !third) throw new Error('three payments were made ready');
  expect([(await authorize(db, first)).verdict, (await authorize(db, second)).verdict]).toEqual(['go', 'go']);
  const midnight = new Date();
  midnight.setUTCHours(24, 0, 0, 0);
  await expectLimit(third, 'limited', { limit: 'max_day_usdt', max: '1000', used: '800', asked: '400', freeAt: midnight.toISOString() });
});

test('nobody pays without a checklist that is complete and in date', async () => {
  const payer = other(50);
  const asked = await askTask(db, moving(payment('10', { payer })));
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  await passChecklist(db, payer);
  const held = await readyToMove(db, payment('10', { payer }));
  await db.sql(
    `update public.payer_checks set checked_at = now() - interval '2 days', valid_until = now() - interval '1 second' where payer = $1 and item = 'sanctions'`,
    [payer],
  );
  await expectLimit(held, 'refused', { limit: 'payer_checklist', sentence: expect.stringContaining('out of date: sanctions') });
  const failed = { externalId: PEOPLE.owner, payer, item: 'sanctions', outcome: 'failed', validUntil: null } as const;
  await passChecklist(db, payer);
  await recordPayerCheck(db.rpc('ags_bot'), failed);
  await expectLimit(held, 'refused', { limit: 'payer_checklist' });
});

test('a payer who was blocked after the approval', async () => {
  const held = await readyToMove(db, payment('10', { payer: other(0) }));
  const block = { externalId: PEOPLE.operator, payer: other(0), reason: 'on a list' };
  await blockPayer(db.rpc('ags_bot'), { ...block, isBlocked: true });
  await expectLimit(held, 'refused', { limit: 'payer_blocked' });
  await blockPayer(db.rpc('ags_bot'), { ...block, externalId: PEOPLE.owner, isBlocked: false });
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go' });
});

test('another currency than that of the limits', async () => {
  const asked = await askTask(db, moving(payment('10', { currency: 'XTR' })));
  expect(asked.request.verdict.items).toContainEqual(
    expect.objectContaining({ requirement: 'within_limits', isMet: false, detail: expect.stringContaining('this is XTR') }),
  );
});

test('a payment that names no amount, or names it as a number', async () => {
  const { order: _, ...without } = moving(payment('10'));
  const asFloat = moving(Object.assign({}, payment('10'), { amount: 10 }));
  for (const [options, says] of [
    [without, 'what would go out says no amount, no payer and no account: there is no order in it'],
    [asFloat, 'the amount is a decimal above zero, as text'],
  ] as const) {
    const asked = await askTask(db, options);
    expect(asked.request.verdict.items).toContainEqual(
      expect.objectContaining({ requirement: 'within_limits', isMet: false, detail: says }),
    );
    expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  }
  for (const [wrong, says] of [
    [{ ...payment('10'), amount: 10 }, 'the amount is a decimal above zero, as text'],
    [{ ...payment('10'), amount: '1e3' }, 'the amount is a decimal above zero, as text'],
    [{ ...payment('10'), amount: '0.00' }, 'the amount is a decimal above zero, as text'],
    [{ ...payment('10'), more: 'x' }, 'an order of kind payment has exactly kind, amount, currency, payer, payee'],
    [{ ...payment('10'), payee: PAYER }, 'payer and payee are the same'],
    [{ ...payment('10'), payer: 'house:main', payee: PAYER }, 'whoever pays us, and whomever we pay, is named as tg:<id>'],
  ] as const) {
    expect(await db.sql('select public._order_problem($1, $2) as problem', ['payment', JSON.stringify(wrong)])).toEqual([
      { problem: says },
    ]);
  }
});

test('a withdrawal counts for whom it is made, beside the payments', async () => {
  const out = { kind: 'withdrawal', payer: 'house:main', payee: other(0), destination: 'EQabc' } as const;
  const held = await readyToMove(db, payment('400', out));
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go', effect: { kind: 'withdrawal' } });
  const second = await askTask(db, moving(payment('10', { payer: other(0) })));
  expect(await approve(db, second.reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
});

test('under a break-glass half of it', async () => {
  const { taskId, reference } = await askTask(db, moving(payment('300')));
  await approve(db, reference, PEOPLE.secondOperator);
  await openGlass(db, taskId);
  await expectLimit(await claim(db, `${taskId}/move`), 'refused', { limit: 'max_single_tx_usdt', max: '250' });
});

test('a grant that another worker takes over is asked once more', async () => {
  await db.sql(
    `update public.break_glasses set status = 'expired', ended_at = now(), reviewed_at = now(), reviewed_by = 'tg:102', review = 'seen' where reviewed_at is null`,
  );
  const held = await readyToMove(db, payment('20'));
  const effectId = String((await authorize(db, held)).effect?.effectId);
  await db.sql(
    `update public.task_steps set status = 'ready', worker = null, lease_expires_at = null, fence = fence + 1 where step_id = $1`,
    [held.step.stepId],
  );
  const again = await claim(db, held.step.stepId);
  await blockPayer(db.rpc('ags_bot'), { externalId: PEOPLE.operator, payer: PAYER, isBlocked: true, reason: 'on a list' });
  expect(await authorize(db, again)).toMatchObject({ verdict: 'refused', reasons: ['payer_blocked'], effect: { effectId } });
  expect(await beginAttempt(db.rpc('ags_worker'), { effectId, fence: again.step.fence, part: 1 })).toMatchObject({ isGo: false });
  await blockPayer(db.rpc('ags_bot'), { externalId: PEOPLE.owner, payer: PAYER, isBlocked: false, reason: 'another of that name' });
  expect(await authorize(db, again)).toMatchObject({ verdict: 'exists', effect: { effectId } });
});
