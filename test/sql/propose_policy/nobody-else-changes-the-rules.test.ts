import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { proposeChange } from '../../../src/store/changes.ts';
import { seedPolicy } from '../../../src/store/policies.ts';
import { offerPolicyFile, proposePolicy } from '../../../src/store/policy-changes.ts';
import { DATABASE_ROLES, type DatabaseRole } from '../../../src/store/rpc.ts';
import { agree, inForce, MORE_MONEY, proposeForSure } from '../../support/policy-stories.ts';
import { claim, handInPlan, loadTask, makeNode, openStory, startTask } from '../../support/stories.ts';
import { makePolicy, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const { source, policy, checksum } = makePolicy(MORE_MONEY);
const file = { source, document: policy, checksum };
const fingerprint = async () =>
  (
    await db.sql(
      `select jsonb_agg(p order by p.policy_version) as policies, (select jsonb_agg(r order by r.grant_id) from public.person_roles r) as roles from public.policies p`,
    )
  )[0];
const before = await fingerprint();
afterEach(async () => {
  expect(await fingerprint()).toEqual(before);
});

const OTHERS = DATABASE_ROLES.filter((role): role is Exclude<DatabaseRole, 'ags_bot'> => role !== 'ags_bot');

test.each(OTHERS)('%s can neither propose nor decide', async (role) => {
  const reference = await proposeForSure(db, MORE_MONEY);
  const rpc = db.rpc(role);
  await expect(proposePolicy(rpc, file, { externalId: PEOPLE.owner, reason: '' })).rejects.toMatchObject({ code: 'not_allowed' });
  const grant = { kind: 'role_grant', payload: { external_id: PEOPLE.member, role: 'owner' } } as const;
  await expect(proposeChange(rpc, grant, { externalId: PEOPLE.owner, reason: '' })).rejects.toMatchObject({ code: 'not_allowed' });
  await expect(agree({ ...db, rpc: () => rpc }, reference, PEOPLE.operator)).rejects.toMatchObject({ code: 'not_allowed' });
});

test.each(DATABASE_ROLES)('%s reaches neither the rows nor what applies them', async (role) => {
  for (const statement of [
    'update public.policies set retired_at = now()',
    `insert into public.policies (source, document, checksum, proposed_by, in_force_at) values ('', '{}', repeat('a', 64), 'tg:1', now())`,
    `update public.policies set document = '{}'`,
    `insert into public.person_roles (person_id, role, source, granted_by) select person_id, 'owner', 'seed', 'system' from public.people limit 1`,
    `update public.changes set status = 'applied'`,
    `insert into public.change_decisions (change_id) select change_id from public.changes`,
    'select public._apply_policy(c) from public.changes c',
    'select public._apply_change(c, null) from public.changes c',
  ]) {
    await expect(db.sql(`begin; set local role ${role}; ${statement}`), `${role}: ${statement}`).rejects.toMatchObject({ code: '42501' });
    await db.sql('rollback');
  }
});

test.each(['ags_bot', 'ags_worker'] as const)('a start as %s with another file leaves the rules as they are', async (role) => {
  expect(await seedPolicy(db.rpc(role), file)).toMatchObject({ wasSeeded: false, isSame: false });
  expect(await offerPolicyFile(db.rpc(role), file)).toMatchObject({ isOffered: true });
  expect(await inForce(db)).toBe(1);
});

describe('one person alone', () => {
  test.each([
    ['by deciding twice', PEOPLE.owner],
    ['as somebody unknown', 987654],
    ['as Telegram itself', 777000],
  ])('%s', async (_how, externalId) => {
    const reference = await proposeForSure(db, MORE_MONEY);
    for (const asRole of ['operator', 'owner', null]) {
      const args = {
        p_reference: reference,
        p_token: null,
        p_chat_id: null,
        p_message_id: null,
        p_external_id: externalId,
        p_decision: 'approve',
      };
      const rest = { p_reason: null, p_as_role: asRole, p_source: 'command' };
      expect(await db.rpc('ags_bot').call('decide_change', { ...args, ...rest }, z.looseObject({}))).toMatchObject({ outcome: 'refused' });
    }
  });
});

describe('a plan that says so', () => {
  test.each([
    ['an action that changes rules', makeNode('rules', 'exec', 'CHANGE_POLICY')],
    ['an agent that would', makeNode('rules', 'owner', 'WRITE_DB')],
    ['a person as an agent', makeNode('rules', 'human', 'APPROVE')],
  ])('%s', async (_what, node) => {
    const taskId = await startTask(db);
    await expect(handInPlan(db, await claim(db, `${taskId}/plan`), [node])).rejects.toMatchObject({ code: 'plan_invalid' });
    expect((await loadTask(db, taskId)).steps).toHaveLength(1);
  });

  test('names no tier: a task has the one that its actions have', async () => {
    const taskId = await startTask(db);
    const node = { ...makeNode('act', 'exec', 'DRAFT_REPLY'), tier: 'T0' };
    const publish = { ...makeNode('publish', 'communicator', 'PUBLISH', ['act']), tier: 'T0', approvals: [] };
    await handInPlan(db, await claim(db, `${taskId}/plan`), [node, publish]);
    expect(await loadTask(db, taskId)).toMatchObject({ tier: 'T2' });
  });
});
