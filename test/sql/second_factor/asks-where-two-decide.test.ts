import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { recordCard } from '../../../src/store/cards.ts';
import { Proposal } from '../../../src/store/changes.ts';
import { type DoubtAnswer, decideDoubt, openDoubtCard } from '../../../src/store/effects.ts';
import { approveWithCode } from '../../../src/store/second-factor.ts';
import { loadStopState, resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { askForGlass } from '../../support/break-glass.ts';
import { decideAs, grantRole, openChange, proposeAs, rolesOf } from '../../support/changes.ts';
import { codeOf, enrol } from '../../support/one-time-codes.ts';
import { approve, askTask, authorize, claim, openStory, sendPart, settle } from '../../support/stories.ts';
import { lastRecord, makePolicy, PEOPLE, PLACES, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const { owner, secondOwner, operator, secondOperator, reviewer, member, stranger } = PEOPLE;
const CODES_OF_OWNERS = { ...PUBLISH_IS_T3, second_factor: { roles: ['owner'], tiers: ['T3'] } };
const db = await openStory(CODES_OF_OWNERS);
afterAll(() => db.close());

const bot = db.rpc('ags_bot');
const secrets = new Map<number, string>();
beforeAll(async () => {
  for (const person of [owner, secondOwner]) secrets.set(person, await enrol(db, person));
});
/** Each story begins with codes that nobody has used. */
beforeEach(() => db.sql('update public.second_factors set last_counter = 0, failed_count = 0, locked_until = null'));

const answer = (promptId: string | null | undefined, externalId: number, code = codeOf(secrets.get(externalId) ?? '')) =>
  approveWithCode(bot, { promptId: promptId ?? '', externalId, code });
const countDecisions = async (reference: string) =>
  (await db.sql(`select 1 from public.change_decisions d join public.changes c using (change_id) where c.reference = $1`, [reference]))
    .length;

test('the proposal of an owner counts with the code, and names the question', async () => {
  const proposal = await proposeAs(db, owner, grantRole(member, 'reviewer'));
  expect(proposal).toMatchObject({ outcome: 'proposed', slot: null, factor: 'factor_needed', promptId: expect.any(String) });
  const { reference } = proposal.change ?? { reference: '' };
  expect(await countDecisions(reference)).toBe(0);
  expect(await decideAs(db, { reference }, operator)).toMatchObject({ outcome: 'recorded', slot: 'operator' });
  expect(await rolesOf(db, member)).toEqual([]);
  expect(await answer(proposal.promptId, owner)).toMatchObject({ code: null, change: { outcome: 'applied', slot: 'owner' } });
  expect(await rolesOf(db, member)).toEqual(['reviewer']);
  const rows = await db.sql(
    `select d.slot, d.reason, d.factor_checked_at is not null as is_checked from public.change_decisions d join public.changes c using (change_id) where c.reference = $1 order by d.slot`,
    [reference],
  );
  expect(rows).toEqual([
    { slot: 'operator', reason: null, is_checked: false },
    { slot: 'owner', reason: 'as agreed', is_checked: true },
  ]);
});

test('a wrong code, somebody else’s and a used one decide nothing', async () => {
  const { change, promptId } = await proposeAs(db, owner, grantRole(stranger, 'reviewer'));
  const { reference } = change ?? { reference: '' };
  expect(await answer(promptId, owner, codeOf(secrets.get(secondOwner) ?? '', 0))).toMatchObject({ code: 'wrong_code', change: null });
  expect(await answer(promptId, secondOwner)).toMatchObject({ code: 'expired' });
  const asked = await decideAs(db, { reference }, secondOwner);
  expect(asked).toMatchObject({ outcome: 'refused', code: 'factor_needed', promptId: expect.any(String) });
  const used = codeOf(secrets.get(owner) ?? '');
  expect(await answer(promptId, owner, used)).toMatchObject({ code: null, change: { outcome: 'recorded' } });
  const other = await proposeAs(db, owner, grantRole(member, 'operator'));
  expect(await answer(other.promptId, owner, used)).toMatchObject({ code: 'used_code', change: null });
  expect(await countDecisions(reference)).toBe(1);
  expect(await rolesOf(db, stranger)).toEqual([]);
});

test('a no never takes a code', async () => {
  const change = await openChange(db, grantRole(stranger, 'operator'), owner);
  expect(await decideAs(db, change, secondOwner, { decision: 'reject', reason: 'not now' })).toMatchObject({ outcome: 'rejected' });
});

test('who has no second factor proposes, and decides nothing', async () => {
  await db.sql('update public.second_factors set confirmed_at = null where person_id = public._person_of($1)', [owner]);
  const { factor, promptId, slot, change } = await proposeAs(db, owner, grantRole(stranger, 'owner'));
  expect({ factor, promptId, slot }).toEqual({ factor: 'not_enrolled', promptId: null, slot: null });
  expect(await decideAs(db, change ?? { reference: '' }, owner)).toMatchObject({ outcome: 'refused', code: 'not_enrolled' });
  await db.sql('update public.second_factors set confirmed_at = now() where person_id = public._person_of($1)', [owner]);
});

test('a policy without codes is not put in force without one', async () => {
  const { source, policy, checksum } = makePolicy(PUBLISH_IS_T3);
  const payload = await bot.call(
    'propose_policy',
    { p_external_id: owner, p_source: source, p_document: policy, p_checksum: checksum, p_reason: 'easier' },
    Proposal,
  );
  expect(payload).toMatchObject({ outcome: 'proposed', slot: null, factor: 'factor_needed' });
  const { reference } = payload.change ?? { reference: '' };
  expect(await decideAs(db, { reference }, operator)).toMatchObject({ outcome: 'recorded' });
  expect(await decideAs(db, { reference }, secondOwner)).toMatchObject({ outcome: 'refused', code: 'factor_needed' });
  expect(await db.sql('select count(*)::int as versions from public.policies')).toEqual([{ versions: 1 }]);
  await decideAs(db, { reference }, operator, { decision: 'reject', reason: 'no' });
});

test('a break-glass is not opened on a word without its code: neither by the opener’s nor by the second person’s', async () => {
  const { taskId } = await askTask(db, { by: operator });
  const { change, slot, factor, promptId } = await askForGlass(db, taskId);
  expect({ slot, factor }).toEqual({ slot: null, factor: 'factor_needed' });
  const { reference } = change ?? { reference: '' };
  expect(await decideAs(db, { reference }, secondOwner)).toMatchObject({ outcome: 'refused', code: 'factor_needed' });
  expect(await decideAs(db, { reference }, reviewer)).toMatchObject({ outcome: 'recorded' });
  expect(await db.sql('select 1 from public.break_glasses')).toEqual([]);
  expect(await answer(promptId, owner)).toMatchObject({ change: { outcome: 'applied' } });
  const rows = await db.sql(
    `select role, factor_checked_at is not null as is_checked from public.approvals where task_id = $1 order by role`,
    [taskId],
  );
  expect(rows).toEqual([
    { role: 'operator', is_checked: false },
    { role: 'owner', is_checked: true },
  ]);
  await db.sql(
    `update public.break_glasses set status = 'void', void_reason = 'over', ended_at = now(), reviewed_at = now(), reviewed_by = 'tg:102', review = 'ok'`,
  );
});

const resume = (externalId: number, choice: 'continue' | 'cancel' = 'continue') =>
  resumeEffects(bot, { externalId, reason: 'all clear', choice });

test('a stop takes no code, and lifting it takes the code of the first and of the second', async () => {
  expect(await stopEffects(bot, { externalId: owner, reason: 'drill', scope: 'effects' })).toMatchObject({ outcome: 'stopped' });
  const first = await resume(owner, 'cancel');
  expect(first).toMatchObject({ outcome: 'refused', code: 'factor_needed', promptId: expect.any(String), stop: { resumeAskedBy: null } });
  expect(await answer(first.promptId, owner)).toMatchObject({ code: null, resume: { outcome: 'asked', choice: 'cancel' } });
  const second = await resume(secondOwner);
  expect(second).toMatchObject({ outcome: 'refused', code: 'factor_needed', stop: { isStopped: true } });
  expect(await answer(second.promptId, secondOwner)).toMatchObject({ code: null, resume: { outcome: 'resumed', first: 'Olivia' } });
  expect((await loadStopState(bot)).isStopped).toBe(false);
  expect(await lastRecord(db, 'system')).toMatchObject({
    action: 'stop.lift',
    after: { factor_checked_at: expect.any(String), held: 'cancel' },
  });
});

test('a code that was asked for under an earlier stop lifts no later one', async () => {
  await stopEffects(bot, { externalId: reviewer, reason: 'one', scope: 'effects' });
  const { promptId } = await resume(owner);
  await stopEffects(bot, { externalId: reviewer, reason: 'two', scope: 'effects' });
  expect(await answer(promptId, owner)).toMatchObject({ code: 'expired', resume: null });
  expect(await resume(secondOperator)).toMatchObject({ outcome: 'asked', needs: 'owner' });
  const asked = await resume(owner);
  expect(await answer(asked.promptId, owner)).toMatchObject({ resume: { outcome: 'resumed' } });
});

test('a code is spent with the decision that it was given for, and goes stale within a minute', async () => {
  await stopEffects(bot, { externalId: reviewer, reason: 'drill', scope: 'effects' });
  const asked = await resume(owner);
  expect(await answer(asked.promptId, owner)).toMatchObject({ resume: { outcome: 'asked' } });
  await db.sql("update public.stop_switch set resume_asked_at = resume_asked_at - interval '61 minutes'");
  expect(await resume(owner)).toMatchObject({ outcome: 'refused', code: 'factor_needed' });
  await db.sql(
    "insert into public.factor_passes (person_id, subject, checked_at) select public._person_of($1), 'resume:' || generation, now() - interval '61 seconds' from public.stop_switch",
    [owner],
  );
  expect(await resume(owner)).toMatchObject({ outcome: 'refused', code: 'factor_needed' });
  for (const person of [operator, secondOwner]) {
    const { outcome, promptId } = await resume(person);
    if (outcome === 'refused') await answer(promptId, person);
  }
  expect((await loadStopState(bot)).isStopped).toBe(false);
});

test('sending a T3 effect again takes the code; saying that it landed does not', async () => {
  const { taskId, reference } = await askTask(db, { by: operator });
  const asked = await approve(db, reference, owner);
  expect(await answer(asked.promptId, owner)).toMatchObject({ request: { outcome: 'recorded' } });
  await approve(db, reference, secondOperator);
  const held = await claim(db, `${taskId}/publish`);
  const granted = await authorize(db, held);
  const effectId = granted.effect?.effectId ?? '';
  await sendPart(db, effectId, 1);
  await settle(db, { held, effectId }, 'again');
  const { card } = await openDoubtCard(bot, effectId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 900);
  const press = (externalId: number, said: DoubtAnswer) =>
    decideDoubt(bot, { token: card.token, chatId: PLACES.admin, messageId: 900, externalId, answer: said });
  const again = await press(secondOwner, 'again');
  expect(again).toMatchObject({ outcome: 'refused', code: 'factor_needed' });
  expect(await answer(again.promptId, secondOwner)).toMatchObject({ doubt: { outcome: 'first_of_two' } });
  expect(await press(secondOwner, 'landed')).toMatchObject({ outcome: 'recorded', effect: { status: 'done' } });
});
