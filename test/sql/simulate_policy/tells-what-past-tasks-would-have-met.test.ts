import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Backtest, simulatePolicy } from '../../../src/store/policy-changes.ts';
import { tiers } from '../../support/policy-stories.ts';
import { approveTask, askTask, FULL_MARKS, openStory, planTask, REPLY_PLAN, runToEnd, startTask } from '../../support/stories.ts';
import { makePolicy, type PolicyOverrides, PUBLISH_IS_T3 } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const simulate = (overrides: PolicyOverrides, days = 30): Promise<Backtest> => simulatePolicy(bot, makePolicy(overrides).policy, days);
const DEFAULT_T3 = ['critic>=0.9', 'operator_approval', 'owner_approval', 'dry_run_required'];

let post = '';
let reply = '';
let weak = '';
beforeAll(async () => {
  post = (await approveTask(db)).taskId;
  await runToEnd(db, post);
  reply = await planTask(db, { nodes: REPLY_PLAN });
  await runToEnd(db, reply);
  weak = (await askTask(db, { critique: { ...FULL_MARKS, clarity: 1 } })).taskId;
  const old = await planTask(db, { nodes: REPLY_PLAN });
  await db.sql(`update public.tasks set created_at = now() - interval '40 days' where task_id = $1`, [old]);
  // Never planned: nothing can be said about it.
  await startTask(db);
});

test('the same policy changes nothing; tasks of an earlier time and unplanned ones are left out', async () => {
  expect(await simulate({})).toMatchObject({ tasks: 3, changed: 0, items: [], baseVersion: 1 });
  expect((await simulate({}, 60)).tasks).toBe(4);
});

test('a higher tier adds people and a dry run', async () => {
  const { changed, items } = await simulate(PUBLISH_IS_T3);
  expect(changed).toBe(2);
  expect(items.map(({ taskId }) => taskId).toSorted()).toEqual([post, weak].toSorted());
  expect(items.find(({ taskId }) => taskId === post)).toMatchObject({
    kind: 'post',
    tierBefore: 'T2',
    tierAfter: 'T3',
    slotsLost: [],
    slotsGained: ['owner'],
    dryRun: 'gained',
    own: 'lost',
    critic: null,
    refusalAfter: null,
  });
});

describe('what would have been skipped is listed', () => {
  test('an approver', async () => {
    const { items } = await simulate({ approvals: { T2: ['critic>=0.8', 'owner_approval'], T3: DEFAULT_T3 } });
    expect(items.map(({ slotsLost, slotsGained }) => ({ slotsLost, slotsGained }))).toEqual([
      { slotsLost: ['operator'], slotsGained: ['owner'] },
      { slotsLost: ['operator'], slotsGained: ['owner'] },
    ]);
  });

  test('the critic', async () => {
    const stricter = await simulate({ approvals: { T2: ['critic>=0.95', 'operator_approval'], T3: DEFAULT_T3 } });
    expect(stricter.items).toMatchObject([{ taskId: weak, critic: 'would_fail' }]);
  });
});

test('what would have been refused, and why', async () => {
  const { items } = await simulate(tiers({ T2: ['SOCIAL_POST'] }));
  expect(items).toMatchObject([
    { refusalBefore: null, refusalAfter: 'PUBLISH is in no tier' },
    { refusalBefore: null, refusalAfter: 'PUBLISH is in no tier' },
  ]);
  const agents = { planner: 'planner:v2', critic: 'critic:v1', communicator: 'communicator:v1' };
  const without = await simulate({ agents });
  expect(without.items.find(({ taskId }) => taskId === reply)).toMatchObject({ refusalAfter: 'the agent exec is not in the policy' });
});

test('whoever asked could have approved it', async () => {
  const { items } = await simulate({ separation: { T2: 'none' } });
  expect(items).toMatchObject([{ own: 'lost' }, { own: 'lost' }]);
});

test('what would have become possible', async () => {
  const trade = await planTask(db, { nodes: [{ id: 'hedge', agent: 'exec', action: 'READ', after: [], instruction: '' }] });
  const { items } = await simulate(tiers({ T0: ['RESEARCH', 'RETRIEVE'] }));
  expect(items).toMatchObject([{ taskId: trade, refusalBefore: null, refusalAfter: 'READ is in no tier' }]);
});

test('what would have ended at its budget', async () => {
  await db.sql('update public.tasks set tokens_used = 900 where task_id = $1', [post]);
  const { items } = await simulate({ budgets: { task_tokens: 800, task_usd: '1', day_usd: '20' } });
  expect(items).toMatchObject([{ taskId: post, budget: 'over' }]);
  await db.sql('update public.tasks set tokens_used = 0 where task_id = $1', [post]);
});

test('it looks and changes nothing; a reader of the rows may not call it', async () => {
  const count = async () =>
    (await db.sql('select (select count(*) from public.audit_logs) as logs, (select count(*) from public.policy_drafts) as drafts'))[0];
  const before = await count();
  await simulate(PUBLISH_IS_T3);
  expect(await count()).toEqual(before);
  await expect(simulatePolicy(db.rpc('ags_worker'), makePolicy().policy, 30)).rejects.toMatchObject({ code: 'not_allowed' });
});
