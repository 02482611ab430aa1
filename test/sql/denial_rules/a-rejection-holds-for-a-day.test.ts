import { afterAll, beforeEach, expect, test } from 'vitest';
import { keepRule, liftRule, listRules, offerRule } from '../../../src/store/denials.ts';
import { applyChange, grantRole, linkAccounts, meet } from '../../support/changes.ts';
import {
  approve,
  ask,
  askTask,
  claim,
  handInPlan,
  loadTask,
  makeNode,
  openStory,
  PUBLISH_PLAN,
  planTask,
  REPLY_PLAN,
  reject,
  runUntil,
  startTask,
  type TaskOptions,
} from '../../support/stories.ts';
import { lastRecord, listActions, PEOPLE, PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const GOAL = 'Publish our forecast for gold with the target of the week';
const OTHER_GOAL = 'Tell everybody that the canteen is closed on Monday';

beforeEach(() => db.sql('delete from public.denial_rules'));

/** Somebody asks, an owner rejects, and presses the button under it. */
async function deny(options: TaskOptions = {}) {
  const asked = await askTask(db, { goal: GOAL, by: PEOPLE.operator, ...options });
  await reject(db, asked.reference, PEOPLE.owner, 'no forecasts this week');
  const token = await offerRule(bot, { reference: asked.reference, externalId: PEOPLE.owner, chatId: PLACES.admin });
  const press = { token: token ?? '', chatId: PLACES.admin, messageId: 40, externalId: PEOPLE.owner };
  return { ...asked, press };
}
const denyAndKeep = async (options: TaskOptions = {}) => {
  const denied = await deny(options);
  expect(await keepRule(bot, denied.press)).toMatchObject({ code: null });
  return denied;
};
const plan = async (options: TaskOptions) =>
  handInPlan(db, await claim(db, `${await startTask(db, options)}/plan`), options.nodes ?? PUBLISH_PLAN);

test('whoever had asked may not ask there again, in whatever words; the refusal names rule, author and reason', async () => {
  const { reference } = await denyAndKeep();
  const again = await plan({ goal: OTHER_GOAL, by: PEOPLE.operator });
  expect(again).toMatchObject({ outcome: 'refused' });
  expect('reasons' in again && again.reasons).toEqual([
    expect.stringMatching(new RegExp(`^denied by rule ${reference} until .* UTC: Olivia said “no forecasts this week”$`)),
  ]);
  const social = [makeNode('act', 'exec', 'DRAFT_REPLY'), makeNode('post', 'communicator', 'SOCIAL_POST', ['act'])];
  expect(await plan({ goal: OTHER_GOAL, by: PEOPLE.operator, nodes: social })).toMatchObject({ outcome: 'refused' });
});

test('it holds for every account of that person, whichever was denied, and linking lifts nothing', async () => {
  const other = 601;
  await meet(db, other, 'Bella’s other phone');
  await applyChange(db, grantRole(other, 'operator'));
  const { reference } = await denyAndKeep({ by: other });
  expect(await plan({ goal: OTHER_GOAL, by: PEOPLE.secondOperator })).toMatchObject({ outcome: 'accepted' });
  await applyChange(db, linkAccounts(PEOPLE.secondOperator, other));
  expect(await plan({ goal: OTHER_GOAL, by: PEOPLE.secondOperator })).toMatchObject({ outcome: 'refused' });
  expect(await liftRule(bot, { reference, externalId: PEOPLE.secondOperator })).toMatchObject({ code: 'own_request' });
  expect(await liftRule(bot, { reference, externalId: PEOPLE.owner })).toMatchObject({ code: null });
  await denyAndKeep({ by: PEOPLE.secondOperator });
  expect(await plan({ goal: OTHER_GOAL, by: other })).toMatchObject({ outcome: 'refused' });
});

test('somebody else may not ask for what reads like it, and may for something else', async () => {
  await denyAndKeep();
  expect(await plan({ goal: 'publish OUR forecast for gold, with this week’s target!', by: PEOPLE.secondOperator })).toMatchObject({
    outcome: 'refused',
  });
  expect(await plan({ goal: 'Our canteen opens later next month', by: PEOPLE.secondOperator })).toMatchObject({ outcome: 'accepted' });
});

test('a text that turns out like the denied one is not asked about: the task ends, and no card is made', async () => {
  await denyAndKeep();
  // The same draft by the same agent, for another goal.
  const taskId = await planTask(db, { goal: 'A word on Friday', by: PEOPLE.secondOperator });
  await runUntil(db, taskId, () => false);
  const task = await loadTask(db, taskId);
  expect(task).toMatchObject({ status: 'rejected', failureCode: 'denied', requests: [], effects: [] });
  expect(task.failureMessage).toContain('Olivia said “no forecasts this week”');
  expect(await listActions(db, taskId)).toContain('rule.apply');
});

test('another place, an answer in private, and another kind of act are not denied', async () => {
  await denyAndKeep();
  expect(await plan({ goal: GOAL, by: PEOPLE.operator, nodes: REPLY_PLAN })).toMatchObject({ outcome: 'accepted' });
  const elsewhere = await handInPlan(db, await claim(db, `${await startTask(db, { goal: GOAL })}/plan`), PUBLISH_PLAN, {
    channels: { post: { chat_id: PLACES.signals, topic_id: 17 } },
  });
  expect(elsewhere).toMatchObject({ outcome: 'accepted' });
});

test('without the press a rejection is one decision and no rule', async () => {
  await deny();
  expect(await listRules(bot)).toEqual([]);
  expect(await plan({ goal: GOAL, by: PEOPLE.operator })).toMatchObject({ outcome: 'accepted' });
});

test('it ends after a day', async () => {
  await denyAndKeep();
  await db.sql(`update public.denial_rules set expires_at = expires_at - interval '24 hours'`);
  expect(await listRules(bot)).toEqual([]);
  expect(await plan({ goal: GOAL, by: PEOPLE.operator })).toMatchObject({ outcome: 'accepted' });
});

test('only whoever rejected keeps it, on that message, within the hour, and once', async () => {
  const { press, reference } = await deny();
  expect(await keepRule(bot, { ...press, token: 'A'.repeat(22) })).toMatchObject({ code: 'unknown_button' });
  expect(await keepRule(bot, { ...press, chatId: PLACES.signals })).toMatchObject({ code: 'wrong_message' });
  expect(await keepRule(bot, { ...press, externalId: PEOPLE.secondOwner })).toMatchObject({ code: 'not_yours' });
  expect(await keepRule(bot, press)).toMatchObject({ code: null, rule: { reference, denied: 'Adam', author: 'Olivia' } });
  expect(await keepRule(bot, { ...press, messageId: 41 })).toMatchObject({ code: 'wrong_message' });
  const [first] = await listRules(bot);
  expect(await keepRule(bot, press)).toMatchObject({ code: null, rule: { expiresAt: first?.expiresAt } });
  await db.sql(`update public.rule_offers set created_at = created_at - interval '61 minutes'`);
  expect(await keepRule(bot, press)).toMatchObject({ code: 'unknown_button' });
});

test('nothing is offered to somebody else, for an approval, or for an answer', async () => {
  const { reference } = await deny();
  expect(await offerRule(bot, { reference, externalId: PEOPLE.secondOwner, chatId: PLACES.admin })).toBeNull();
  const approved = await ask(db, await planTask(db, { goal: OTHER_GOAL, by: PEOPLE.secondOperator }));
  await approve(db, approved.reference, PEOPLE.owner);
  expect(await offerRule(bot, { reference: approved.reference, externalId: PEOPLE.owner, chatId: PLACES.admin })).toBeNull();
});

test('operators and owners lift it, but not whoever it was said to; then it may be asked for again', async () => {
  const { reference } = await denyAndKeep();
  expect(await listRules(bot)).toMatchObject([{ reference, kind: 'post', reason: 'no forecasts this week', targetChatId: PLACES.signals }]);
  expect(await liftRule(bot, { reference, externalId: PEOPLE.reviewer })).toMatchObject({ code: 'no_role' });
  expect(await liftRule(bot, { reference, externalId: PEOPLE.operator })).toMatchObject({ code: 'own_request' });
  expect(await liftRule(bot, { reference: 'T2-AAAA', externalId: PEOPLE.owner })).toMatchObject({ code: 'not_found' });
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'rule.refuse' });
  expect(await liftRule(bot, { reference: reference.toLowerCase(), externalId: PEOPLE.secondOperator })).toMatchObject({
    code: null,
    rule: { reference },
  });
  expect(await liftRule(bot, { reference, externalId: PEOPLE.owner })).toMatchObject({ code: 'not_found' });
  expect(await plan({ goal: GOAL, by: PEOPLE.operator })).toMatchObject({ outcome: 'accepted' });
});

test.each([
  ['Publish the forecast for gold', 'publish  THE forecast: for gold!', true],
  ['Gold target 2700 for this week', 'Our target for gold this week: 2700', true],
  ['Gold target 2700 for this week', 'The canteen is closed on Monday', false],
  ['Курс золота на неделю', 'Курс золота на эту неделю', true],
  ['', '', false],
  ['!!!', '???', false],
])('%j and %j read alike: %s', async (one, other, isAlike) => {
  expect(await db.sql('select public._is_alike($1, $2) as alike, public._is_alike($2, $1) as back', [one, other])).toEqual([
    { alike: isAlike, back: isAlike },
  ]);
});
