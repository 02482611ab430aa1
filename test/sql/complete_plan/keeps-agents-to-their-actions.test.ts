import { afterAll, describe, expect, test } from 'vitest';
import { ACTIONS, AGENT_NAMES } from '../../../src/domain/actions.ts';
import { checkAllowlist } from '../../../src/policy/guards/allowlist.ts';
import {
  claim,
  finishWork,
  handInPlan,
  makeNode,
  openStory,
  PUBLISH_PLAN,
  planTask,
  REPLY_PLAN,
  runUntilKind,
  startTask,
} from '../../support/stories.ts';
import { makePolicy } from '../../support/story-world.ts';

const OWN = {
  risk_tiers: {
    T0: ['READ', 'RESEARCH', 'RETRIEVE', 'LOOK'],
    T1: ['WRITE_DB', 'SUMMARIZE', 'DRAFT_REPLY', 'TRANSLATE'],
    T2: ['PUBLISH', 'SOCIAL_POST', 'MAIL'],
    T3: ['TRADE', 'PAYMENT', 'WITHDRAWAL'],
  },
};
const db = await openStory(OWN);
afterAll(() => db.close());
const { policy } = makePolicy(OWN);

describe('the database and the program know the same actions', () => {
  const names = [...Object.keys(ACTIONS), 'LOOK', 'TRANSLATE', 'MAIL', 'publish', 'PUBLISH ', 'DELETE'];

  test('of the same kind', async () => {
    const rows = await db.sql(
      'select a as action, public._effect_kind(a) as kind, public._is_inside(a) as is_inside from unnest($1::text[]) a',
      [names],
    );
    const kinds = new Map(Object.entries(ACTIONS).map(([name, { kind }]) => [name, kind]));
    expect(rows).toEqual(
      names.map((action) => {
        const kind = kinds.get(action);
        const isInside = kind === 'reading' || kind === 'writing';
        return { action, kind: kind === undefined || isInside ? null : kind, is_inside: isInside };
      }),
    );
  });

  test('and give them to the same agents', async () => {
    const [row] = await db.sql('select document from public.policies');
    const rows = await db.sql(
      'select g as agent, a as action, public._is_allowed($1::jsonb, g, a) as is_allowed from unnest($2::text[]) g, unnest($3::text[]) a',
      [JSON.stringify(row?.document), [...AGENT_NAMES, 'somebody'], names],
    );
    expect(rows).toHaveLength((AGENT_NAMES.length + 1) * names.length);
    for (const { agent, action, is_allowed: isAllowed } of rows) {
      expect({ agent, action, isAllowed }).toEqual({
        agent,
        action,
        isAllowed: checkAllowlist(policy, String(agent), String(action)).isAllowed,
      });
    }
  });

  test('the database’s own list has none that the program does not know', async () => {
    const [row] = await db.sql(
      `select pg_get_functiondef('public._effect_kind(text)'::regprocedure) || pg_get_functiondef('public._is_inside(text)'::regprocedure) as source`,
    );
    const named = String(row?.source).match(/'[A-Z][A-Z_]+'/g) ?? [];
    expect(named.map((name) => name.slice(1, -1)).toSorted()).toEqual(Object.keys(ACTIONS).toSorted());
  });
});

const propose = async (agent: string, action: string) => {
  const nodes = [makeNode('act', agent, action), makeNode('write', 'exec', 'DRAFT_REPLY', ['act'])];
  return handInPlan(db, await claim(db, `${await startTask(db)}/plan`), nodes);
};

test.each([
  ['researcher', 'DRAFT_REPLY'],
  ['researcher', 'WRITE_DB'],
  ['retriever', 'SUMMARIZE'],
  ['communicator', 'WRITE_DB'],
  ['trader', 'WRITE_DB'],
  ['researcher', 'TRANSLATE'],
  ['trader', 'TRANSLATE'],
  ['exec', 'PUBLISH'],
  ['researcher', 'PUBLISH'],
  ['exec', 'TRADE'],
])('a plan that gives %s the action %s is refused, inside work too', async (agent, action) => {
  await expect(propose(agent, action)).rejects.toMatchObject({
    code: 'plan_invalid',
    context: { problems: [`node act: ${action} is not for agent ${agent}`] },
  });
});

test.each([
  ['researcher', 'LOOK'],
  ['communicator', 'SUMMARIZE'],
  ['exec', 'WRITE_DB'],
])('what the policy gives is accepted: %s, %s', async (agent, action) => {
  const plan = propose(agent, action);
  // An action of the policy's own has nobody to carry it out; the agent is not what stands against it.
  if (action === 'LOOK') expect(await plan).toMatchObject({ outcome: 'refused', reasons: ['nothing here can carry out LOOK'] });
  else expect(await plan).toMatchObject({ outcome: 'accepted' });
});

describe('a step stays what its plan made it', () => {
  test.each([
    ['action', `action = 'WRITE_DB'`],
    ['agent', `agent = 'communicator'`],
    ['instruction', `instruction = 'do something else'`],
    ['tier', `tier = 'T0'`],
    ['kind', `kind = 'archive'`],
  ])('its %s', async (_what, change) => {
    const taskId = await planTask(db, { nodes: REPLY_PLAN });
    await expect(db.sql(`update public.task_steps set ${change} where step_id = $1`, [`${taskId}/act`])).rejects.toMatchObject({
      code: 'ZT001',
    });
  });

  test.each([
    ['chat', 'target_chat_id = 666'],
    ['topic', 'target_topic_id = 7'],
    ['subject', `subject_node = 'publish'`],
    ['act outside', `effect_kind = 'payment'`],
  ])('where and what it sends: its %s', async (_what, change) => {
    const taskId = await planTask(db, { nodes: PUBLISH_PLAN });
    await expect(db.sql(`update public.task_steps set ${change} where step_id = $1`, [`${taskId}/publish`])).rejects.toMatchObject({
      code: 'ZT001',
    });
  });

  test('and none is added after the plan, but a gate', async () => {
    const taskId = await planTask(db, { nodes: REPLY_PLAN });
    await expect(
      db.sql(
        `insert into public.task_steps (step_id, task_id, node_id, position, kind, agent, agent_name, action, tier, effect_kind, target_chat_id)
         values ($1 || '/more', $1, 'more', 99, 'effect', 'communicator', 'x:1', 'PUBLISH', 'T2', 'post', 666)`,
        [taskId],
      ),
    ).rejects.toMatchObject({ code: 'ZT001' });
  });
});

test('work that the pinned policy does not give to the agent is not taken, whatever made the step', async () => {
  const taskId = await planTask(db, { nodes: REPLY_PLAN });
  const held = await runUntilKind(db, taskId, 'work');
  await db.sql(`update public.policies set document = jsonb_set(document, '{agent_actions,retriever}', '["READ"]')`);
  await expect(finishWork(db, held)).rejects.toMatchObject({ code: 'not_allowed' });
  await db.sql(
    `update public.policies set document = jsonb_set(document, '{agent_actions,retriever}', '["READ","RESEARCH","RETRIEVE","LOOK"]')`,
  );
  await finishWork(db, held);
});
