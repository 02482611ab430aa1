import { afterAll, expect, test } from 'vitest';
import { blockPayer, CHECKLIST_ITEMS, type PayerCheck, recordPayerCheck } from '../../../src/store/money.ts';
import { applyChange, linkAccounts, meet } from '../../support/changes.ts';
import { PAYER, passChecklist } from '../../support/money.ts';
import { openStory } from '../../support/stories.ts';
import { lastRecord, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');

const inDays = (days: number) => new Date(Date.now() + days * 86_400_000);
const CHECK: PayerCheck = { externalId: PEOPLE.operator, payer: PAYER, item: 'identity', outcome: 'passed', validUntil: inDays(30) };
const check = (changed: Partial<Record<keyof PayerCheck, unknown>>) => recordPayerCheck(bot, { ...CHECK, ...changed } as PayerCheck);
const count = async () => (await db.sql('select count(*)::int as count from public.payer_checks'))[0];

test.each([
  ['somebody without a role', { externalId: PEOPLE.member, payer: 'tg:5' }, 'no_role'],
  ['a reviewer', { externalId: PEOPLE.reviewer }, 'no_role'],
  ['the payer themself', { payer: `tg:${PEOPLE.operator}` }, 'own_checklist'],
  ['something that is no payer', { payer: 'wallet:x' }, 'not_a_payer'],
  ['an item that nobody knows', { item: 'horoscope' }, 'unknown_item'],
  ['an outcome that nobody knows', { outcome: 'perhaps' }, 'unknown_outcome'],
  ['a time that is over', { validUntil: inDays(-1) }, 'not_valid_so_long'],
  ['three years', { validUntil: inDays(1095) }, 'not_valid_so_long'],
  ['no end', { validUntil: null }, 'not_valid_so_long'],
])('%s is refused, recorded, and changes nothing', async (_what, changed, code) => {
  const before = await count();
  expect(await check(changed)).toEqual({ outcome: 'refused', code, payer: null });
  expect(await count()).toEqual(before);
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'payer.refuse', after: { code } });
});

test('nor under another account of the same human', async () => {
  await meet(db, PEOPLE.stranger, 'Stefan');
  await applyChange(db, linkAccounts(PEOPLE.secondOperator, PEOPLE.stranger));
  expect(await check({ externalId: PEOPLE.secondOperator, payer: `tg:${PEOPLE.stranger}` })).toMatchObject({ code: 'own_checklist' });
});

test('item by item: who, when and for how long stays, also when somebody looks again', async () => {
  const first = await check({});
  expect(first.payer?.missing).toEqual(CHECKLIST_ITEMS.filter((item) => item !== 'identity'));
  await passChecklist(db);
  const failed = await check({ externalId: PEOPLE.owner, outcome: 'failed', validUntil: null });
  expect(failed.payer).toMatchObject({ missing: ['identity'], isBlocked: false });
  expect(await lastRecord(db, 'system')).toMatchObject({
    actor: `tg:${PEOPLE.owner}`,
    action: 'payer.check',
    object: PAYER,
    after: { item: 'identity', outcome: 'failed' },
  });
  expect(
    await db.sql(`select checked_by, outcome from public.payer_checks where payer = $1 and item = 'identity' order by check_id`, [PAYER]),
  ).toEqual([
    { checked_by: `tg:${PEOPLE.operator}`, outcome: 'passed' },
    { checked_by: `tg:${PEOPLE.operator}`, outcome: 'passed' },
    { checked_by: `tg:${PEOPLE.owner}`, outcome: 'failed' },
  ]);
});

test('an operator blocks, an owner lifts it, each once and with a reason', async () => {
  const block = (externalId: number, isBlocked: boolean, reason = 'on a list') =>
    blockPayer(bot, { externalId, payer: PAYER, isBlocked, reason });
  expect(await block(PEOPLE.operator, true, ' ')).toMatchObject({ code: 'reason_needed' });
  expect(await block(PEOPLE.reviewer, true)).toMatchObject({ code: 'no_role' });
  expect(await block(PEOPLE.operator, false)).toMatchObject({ code: 'needs_owner' });
  expect(await block(PEOPLE.operator, true)).toMatchObject({ outcome: 'recorded', payer: { isBlocked: true } });
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'payer.block', after: { is_blocked: true, reason: 'on a list' } });
  expect(await block(PEOPLE.owner, true)).toMatchObject({ code: 'already_blocked' });
  expect(await block(PEOPLE.owner, false, 'another of that name')).toMatchObject({ outcome: 'recorded', payer: { isBlocked: false } });
  expect(await block(PEOPLE.owner, false)).toMatchObject({ code: 'not_blocked' });
});
