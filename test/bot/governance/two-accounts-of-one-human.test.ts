import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, giveTask, pressCard, textOf, waitForCard } from '../../support/telling.ts';
import { proposeByCommand, rolesOf, toldTo, waitForChangeCard } from './changes.ts';

const { olivia, oscar, adam, max } = PERSONAS;
/** Two people for every post. */
const TWO_FOR_A_POST = `version: 1
limits: { trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 3 }, payments: { max_single_tx_usdt: 500, cool_down_minutes: 30 } }
risk_tiers: { T0: [READ, RESEARCH, RETRIEVE], T1: [WRITE_DB, SUMMARIZE, DRAFT_REPLY], T2: [PUBLISH, SOCIAL_POST], T3: [TRADE, PAYMENT, WITHDRAWAL] }
approvals:
  T2: ["critic>=0.8", "operator_approval", "owner_approval"]
  T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]
agents: { planner: "planner:v2", researcher: "researcher:v3", retriever: "retriever:v1", exec: "executor:v2", communicator: "telegram-comms:v3", critic: "critic:guard-v4" }
`;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp({ policy: TWO_FOR_A_POST });
  await ask(app, max.id, '/start');
});
afterAll(() => app.close());

test('an account that nobody knows cannot be linked', async () => {
  expect(textOf(await ask(app, olivia.id, `/link ${oscar.id} 987654`))).toContain('tg:987654 is not known');
});

test('two accounts become one person, and fill one slot together; what both had approved is asked anew', async () => {
  const given = await proposeByCommand(app, olivia.id, '/role grant operator @max_member');
  await ask(app, adam.id, `/approve ${given.reference} yes`);
  const task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  const card = await waitForCard(app, task);
  expect(await pressCard(app, oscar.id, card, 'Approve')).toContain('Counted as owner');

  const { reference } = await proposeByCommand(app, olivia.id, `/link ${oscar.id} ${max.id} his second phone`);
  const change = await waitForChangeCard(app, reference);
  expect(change.text).toContain(`After: Oscar (${oscar.id}, ${max.id}): operator, owner`);
  for (const { id } of [oscar, max]) expect(textOf(await ask(app, id, `/approve ${reference} yes`))).toContain('This is about you');
  expect(await pressCard(app, adam.id, change, 'Approve')).toContain('It is in force now');
  expect(textOf(await toldTo(app, max.id, 'This account and another of yours count as one person now'))).toContain(reference);
  expect(await rolesOf(app, max.id)).toEqual(['operator', 'owner']);
  expect(textOf(await ask(app, max.id, `/approve ${card.reference} yes`))).toContain('You have already approved this');
  expect(await pressCard(app, adam.id, card, 'Approve')).toContain('Approved');
});

test('an approval by somebody who lost the role since is void: the card says so and asks again', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post about the new office');
  const card = await waitForCard(app, task);
  await pressCard(app, adam.id, card, 'Approve');
  const { reference } = await proposeByCommand(app, olivia.id, '/role revoke operator @adam_operator');
  expect(textOf(await ask(app, oscar.id, `/approve ${reference} yes`))).toContain('It is in force now');
  const next = await waitForCard(app, task, { after: card.reference });
  expect(next.text).toContain('Adam no longer holds the role operator');
  expect(next.text).toContain('earlier decisions are void');
  expect(next.text).toMatch(/operator waiting · owner waiting|owner waiting · operator waiting/);
  expect(textOf(await ask(app, olivia.id, `/approve ${card.reference} yes`))).toContain(`was replaced by ${next.reference}`);
});
