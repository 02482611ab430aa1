import { afterAll, beforeEach, expect, test } from 'vitest';
import { askAccount, recordAccount } from '../../../src/store/money.ts';
import { forgetGlasses, openGlass } from '../../support/break-glass.ts';
import { ACCOUNT, HEALTHY, moving, readyToMove, tellAccount, trade } from '../../support/money.ts';
import { approve, askTask, authorize, claim, openStory, sendPart, settle } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const worker = db.rpc('ags_worker');

beforeEach(async () => {
  await db.sql(
    `update public.effects set status = 'void', settled_at = now() - interval '1 day' where status in ('granted', 'in_doubt', 'done')`,
  );
  await db.sql(`update public.effect_attempts set status = 'void', message_id = null`);
  await db.sql('update public.trading_accounts set high_water_mark = equity');
  await tellAccount(db);
});

async function expectLimit(held: Awaited<ReturnType<typeof claim>>, verdict: 'limited' | 'refused', limit: object) {
  expect(await authorize(db, held)).toMatchObject({ verdict, effect: null, limit });
}
const go = async (risk: string) => {
  const held = await readyToMove(db, trade(risk));
  const { verdict, effect } = await authorize(db, held);
  expect(verdict).toBe('go');
  return { held, effectId: String(effect?.effectId) };
};
const position = (positionId: string, risk: string) => ({ positionId, symbol: 'XAUUSD', side: 'buy', size: '1', risk }) as const;

test('three positions, and no more: open ones and those on their way count together', async () => {
  await tellAccount(db, { positions: [position('p1', '0'), position('p2', '0')] });
  const [third, fourth] = [await readyToMove(db, trade('10')), await readyToMove(db, trade('10'))];
  expect(await authorize(db, third)).toMatchObject({ verdict: 'go', effect: { kind: 'trade' } });
  await expectLimit(fourth, 'limited', { limit: 'max_positions', subject: ACCOUNT, max: '3', used: '3', freeAt: null });
  // It did not happen after all, and one of the others was closed.
  await settle(db, { held: third, effectId: String((await authorize(db, third)).effect?.effectId) }, 'again');
  expect(await authorize(db, fourth)).toMatchObject({ verdict: 'go' });
});

test('the loss of a day: what is lost, open or on its way may not be more than the cap, whatever happens', async () => {
  // 5 % of 10,000: 500.
  await tellAccount(db, { equity: '9800', realisedLoss: '200', positions: [position('p1', '100')] });
  const [first, second] = [await readyToMove(db, trade('150')), await readyToMove(db, trade('50.00000001'))];
  expect(await authorize(db, first)).toMatchObject({ verdict: 'go' });
  await expectLimit(second, 'limited', { limit: 'max_daily_loss_pct', max: '500', used: '450', asked: '50.00000001', unit: 'USD' });
  await go('50');
});

test('a loss that is not realised counts too, and one that alone fills the cap is free after midnight', async () => {
  const held = await readyToMove(db, trade('20'));
  await tellAccount(db, { equity: '9510', realisedLoss: '0' });
  const midnight = new Date();
  midnight.setUTCHours(24, 0, 0, 0);
  await expectLimit(held, 'limited', { limit: 'max_daily_loss_pct', used: '490', freeAt: midnight.toISOString() });
});

test('the drawdown is measured from the highest that the account ever stood at', async () => {
  const held = await readyToMove(db, trade('60'));
  await tellAccount(db, { equity: '10000' });
  await tellAccount(db, { equity: '9050', dayStartEquity: '9050' });
  await expectLimit(held, 'limited', { limit: 'max_drawdown_pct', max: '1000', used: '950', asked: '60' });
  const small = await readyToMove(db, trade('50'));
  expect(await authorize(db, small)).toMatchObject({ verdict: 'go' });
});

test('numbers that are too old, of yesterday, or of no account let nothing out', async () => {
  const held = await readyToMove(db, trade('10'));
  await db.sql(`update public.trading_accounts set taken_at = now() - interval '301 seconds'`);
  await expectLimit(held, 'limited', { limit: 'max_snapshot_age', max: '300', freeAt: null });
  const asked = await askTask(db, moving(trade('10', { account: 'nobodys' })));
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  // However old they may be: the loss of yesterday says nothing about that of today.
  await db.sql(`update public.policies set document = jsonb_set(document, '{limits,trading,max_snapshot_age}', '172800')`);
  await db.sql(`update public.trading_accounts set taken_at = now() - interval '1 day'`);
  await expectLimit(held, 'limited', { limit: 'max_snapshot_age', max: '172800' });
  await db.sql(`update public.policies set document = document #- '{limits,trading,max_snapshot_age}'`);
  await tellAccount(db);
  expect(await authorize(db, held)).toMatchObject({ verdict: 'go' });
});

test('a trade that landed counts until numbers were asked for after it', async () => {
  const { held, effectId } = await go('300');
  const { askedSeq } = await askAccount(worker, ACCOUNT);
  await sendPart(db, effectId, 1, 'done');
  await settle(db, { held, effectId }, 'done');
  // The broker was asked before the trade was there: its answer knows nothing of it.
  await recordAccount(worker, ACCOUNT, askedSeq, HEALTHY);
  const asked = await askTask(db, moving(trade('300')));
  expect(await approve(db, asked.reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unmet' });
  await tellAccount(db);
  await go('300');
});

test('an answer to an earlier question is not taken, nor one twice, nor one with numbers that may be floats', async () => {
  const first = await askAccount(worker, ACCOUNT);
  const second = await askAccount(worker, ACCOUNT);
  expect(await recordAccount(worker, ACCOUNT, first.askedSeq, { ...HEALTHY, equity: '99999' })).toEqual({ isTaken: false });
  expect(await recordAccount(worker, ACCOUNT, second.askedSeq, HEALTHY)).toEqual({ isTaken: true });
  expect(await recordAccount(worker, ACCOUNT, second.askedSeq, { ...HEALTHY, equity: '99999' })).toEqual({ isTaken: false });
  const { askedSeq } = await askAccount(worker, ACCOUNT);
  for (const equity of ['1e4', '-1', 'NaN', '']) {
    await expect(recordAccount(worker, ACCOUNT, askedSeq, { ...HEALTHY, equity })).rejects.toMatchObject({ code: 'input_invalid' });
  }
  expect(await db.sql('select equity::text from public.trading_accounts')).toEqual([{ equity: '10000.00000000' }]);
});

test('an account that has stricter limits of its own has those', async () => {
  await db.sql(`insert into public.limits (account_id, daily_loss_cap, max_order_size, max_positions) values ($1, 40, 0.4, 1)`, [ACCOUNT]);
  const refused = await askTask(db, moving(trade('10')));
  expect(refused.request.verdict.items).toContainEqual(
    expect.objectContaining({ detail: 'a size of 0.5 is over the 0.4 that main may order at once' }),
  );
  const asked = await askTask(db, moving(trade('50', { size: '0.1' })));
  expect(asked.request.verdict.items).toContainEqual(expect.objectContaining({ detail: expect.stringContaining('larger than 40 USD') }));
  await db.sql('delete from public.limits');
});

test('under a break-glass half of it', async () => {
  const { taskId, reference } = await askTask(db, moving(trade('300')));
  await approve(db, reference, PEOPLE.secondOperator);
  await openGlass(db, taskId);
  await expectLimit(await claim(db, `${taskId}/move`), 'refused', { limit: 'max_daily_loss_pct', max: '250' });
  await forgetGlasses(db);
});
