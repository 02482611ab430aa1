import { afterAll, beforeEach, expect, test } from 'vitest';
import { approveWithCode, beginEnrolment, confirmEnrolment, recordEnrolmentShown } from '../../../src/store/second-factor.ts';
import { decideAs, openChange, proposeAs } from '../../support/changes.ts';
import { codeOf, enrol } from '../../support/one-time-codes.ts';
import { approve, askTask, loadTask, openStory } from '../../support/stories.ts';
import { lastRecord, PEOPLE, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer, stranger } = PEOPLE;
const db = await openStory({ ...PUBLISH_IS_T3, second_factor: { roles: ['owner'], tiers: ['T3'] } });
afterAll(() => db.close());
beforeEach(() => db.sql('delete from public.second_factors'));

const bot = db.rpc('ags_bot');
const begin = (externalId: number, chatId = externalId) => beginEnrolment(bot, { externalId, chatId });
const answer = (promptId: string | null | undefined, code: string, externalId: number = owner) =>
  approveWithCode(bot, { promptId: promptId ?? '', externalId, code });
const ask = async () => {
  const asked = await askTask(db, { by: operator });
  return { ...asked, ...(await approve(db, asked.reference, owner)) };
};

test('the codes of RFC 6238, and the digests of FIPS 180 and RFC 2202', async () => {
  const secret = Buffer.from('12345678901234567890').toString('hex');
  const rows = await db.sql(
    `select t, public._one_time_code(decode($1, 'hex'), t / 30) as code from unnest(array[59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000]::bigint[]) t`,
    [secret],
  );
  expect(rows.map(({ code }) => code)).toEqual(['287082', '081804', '050471', '005924', '279037', '353130']);
  const [digests] = await db.sql(
    `select encode(public._sha1(''), 'hex') as empty, encode(public._sha1(convert_to('abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq', 'UTF8')), 'hex') as two_blocks,
       encode(public._hmac_sha1(decode(repeat('aa', 80), 'hex'), convert_to('Test Using Larger Than Block-Size Key - Hash Key First', 'UTF8')), 'hex') as long_key`,
  );
  expect(digests).toEqual({
    empty: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
    two_blocks: '84983e441c3bd26ebaae4aa1f95129e5e54670f1',
    long_key: 'aa4ae5e15272d00e95705637ce8a3b55ed402112',
  });
});

test('a secret is made in private, for people with a role, and counts after one right code', async () => {
  expect(await begin(stranger)).toMatchObject({ code: 'no_role', secret: null });
  expect(await begin(owner, -1001000000001)).toMatchObject({ code: 'not_private', secret: null });
  const first = await begin(owner);
  const second = await begin(owner);
  expect(second.secret).not.toBe(first.secret);
  const confirm = (code: string) => confirmEnrolment(bot, { externalId: owner, chatId: owner, code });
  await recordEnrolmentShown(bot, { externalId: owner, messageId: 77 });
  expect(await confirm(codeOf(first.secret ?? ''))).toEqual({ code: 'wrong_code', keyMessageId: null });
  expect(await confirm(codeOf(second.secret ?? ''))).toEqual({ code: null, keyMessageId: 77 });
  expect(await begin(owner)).toMatchObject({ code: 'enrolled', secret: null });
});

test('no role reads a secret or decides with a code but the bot', async () => {
  await enrol(db, owner);
  for (const role of ['ags_worker', 'ags_web', 'ags_reader'] as const) {
    await expect(
      approveWithCode(db.rpc(role), { promptId: '00000000-0000-0000-0000-000000000000', externalId: owner, code: '1' }),
    ).rejects.toMatchObject({ code: 'not_allowed' });
  }
  const [rights] = await db.sql(
    `select bool_or(has_any_column_privilege(r, 'public.second_factors', 'select')) as can from unnest(array['ags_bot', 'ags_worker', 'ags_web', 'ags_reader', 'anon', 'authenticated']) r`,
  );
  expect(rights).toEqual({ can: false });
});

test('who has none is told so, and decides nothing; who needs none is not asked', async () => {
  const { reference, taskId, code, promptId } = await ask();
  expect({ code, promptId }).toEqual({ code: 'not_enrolled', promptId: null });
  expect(await approve(db, reference, secondOperator)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  const rows = await db.sql('select role from public.approvals where task_id = $1', [taskId]);
  expect(rows).toEqual([{ role: 'operator' }]);
});

test('an owner is asked whichever slot they fill', async () => {
  const secret = await enrol(db, owner);
  const { reference } = await askTask(db, { by: operator });
  const { code, promptId } = await approve(db, reference, owner, { asRole: 'operator' });
  expect(code).toBe('factor_needed');
  expect(await answer(promptId, codeOf(secret))).toMatchObject({ code: null, request: { outcome: 'recorded', slot: 'operator' } });
});

test('the decision counts with the code, and the approval says that it was checked', async () => {
  const secret = await enrol(db, owner);
  const { taskId, reference, outcome, code, promptId } = await ask();
  expect({ outcome, code }).toEqual({ outcome: 'refused', code: 'factor_needed' });
  expect(await db.sql('select 1 from public.approvals where task_id = $1', [taskId])).toEqual([]);
  expect(await answer(promptId, '000000' === codeOf(secret) ? '111111' : '000000')).toMatchObject({ code: 'wrong_code', request: null });
  expect(await lastRecord(db, taskId)).toMatchObject({ action: 'factor.refuse', after: { code: 'wrong_code' } });
  expect(await answer(promptId, codeOf(secret), secondOwner)).toMatchObject({ code: 'expired' });
  expect(await answer(promptId, codeOf(secret))).toMatchObject({ code: null, request: { outcome: 'recorded', slot: 'owner' } });
  expect(
    await db.sql('select role, factor_checked_at is not null as is_checked from public.approvals where task_id = $1', [taskId]),
  ).toEqual([{ role: 'owner', is_checked: true }]);
  expect(await approve(db, reference, secondOperator)).toMatchObject({ outcome: 'approved' });
  expect(await loadTask(db, taskId)).toMatchObject({ status: 'running' });
});

test('a code is good once, and none before it is good after it', async () => {
  const secret = await enrol(db, owner);
  // The same codes however long this takes, also where a step ends in between.
  const now = Date.now();
  const first = await ask();
  expect(await answer(first.promptId, codeOf(secret, 1, now))).toMatchObject({ code: null });
  const second = await ask();
  expect(await answer(second.promptId, codeOf(secret, 1, now))).toMatchObject({ code: 'used_code' });
  expect(await answer(second.promptId, codeOf(secret, 0, now))).toMatchObject({ code: 'used_code' });
  expect(await answer(second.promptId, codeOf(secret, -20))).toMatchObject({ code: 'wrong_code' });
});

test('a question is good for ten minutes, and a pass for the request that it was given for', async () => {
  const secret = await enrol(db, owner);
  const first = await ask();
  await db.sql(`update public.prompts set expires_at = now() - interval '1 second' where prompt_id = $1`, [first.promptId]);
  expect(await answer(first.promptId, codeOf(secret))).toMatchObject({ code: 'expired' });
  const again = await approve(db, first.reference, owner);
  await answer(again.promptId, codeOf(secret));
  const other = await ask();
  expect(other.code).toBe('factor_needed');
});

test('five wrong codes lock it for 15 minutes, also for the right one, and raise an incident', async () => {
  const secret = await enrol(db, owner);
  const { promptId } = await ask();
  const wrong = codeOf(secret, 40);
  const codes = [];
  for (let n = 0; n < 5; n += 1) codes.push((await answer(promptId, wrong)).code);
  expect(codes).toEqual(['wrong_code', 'wrong_code', 'wrong_code', 'wrong_code', 'locked']);
  expect(await answer(promptId, codeOf(secret))).toMatchObject({ code: 'locked' });
  expect(await db.sql(`select payload_json ->> 'account' as account from public.events where type = 'INCIDENT_RAISED'`)).toEqual([
    { account: `tg:${owner}` },
  ]);
  await db.sql(`update public.second_factors set locked_until = now() - interval '1 second'`);
  expect(await answer(promptId, codeOf(secret))).toMatchObject({ code: null });
});

test('taking it back takes two others; whom it concerns decides nothing', async () => {
  const reset = { kind: 'factor_reset', payload: { external_id: owner } } as const;
  expect(await proposeAs(db, owner, reset)).toMatchObject({
    outcome: 'refused',
    problem: expect.stringContaining('no second factor to take back'),
  });
  await enrol(db, owner);
  expect(await proposeAs(db, secondOwner, reset)).toMatchObject({
    outcome: 'refused',
    problem: 'everybody asks for their own second factor to be taken back',
  });
  const change = await openChange(db, reset);
  expect(change.decisions).toEqual([]);
  expect(await decideAs(db, change, owner)).toMatchObject({ code: 'concerned' });
  expect(await decideAs(db, change, reviewer)).toMatchObject({ code: 'no_role' });
  expect(await decideAs(db, change, operator)).toMatchObject({ outcome: 'recorded' });
  // An owner like any other: with a code.
  const secret = await enrol(db, secondOwner);
  const { code, promptId } = await decideAs(db, change, secondOwner);
  expect(code).toBe('factor_needed');
  expect(await answer(promptId, codeOf(secret), secondOwner)).toMatchObject({ change: { outcome: 'applied' } });
  expect(await begin(owner)).toMatchObject({ code: null });
});
