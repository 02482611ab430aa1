import { expect, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp } from '../support/app.ts';
import { startFakeModel } from '../support/fake-model.ts';
import { giveTask, textOf, waitForDone } from '../support/telling.ts';

const POLICY = `version: 1
limits: { trading: { max_daily_loss_pct: 5, max_drawdown_pct: 10, max_positions: 3 }, payments: { max_single_tx_usdt: 500, cool_down_minutes: 30 } }
agents: { planner: "planner:v2", researcher: "researcher:v3", retriever: "retriever:v1", exec: "executor:v2", communicator: "telegram-comms:v3", critic: "critic:guard-v4" }
risk_tiers: { T0: [READ, RESEARCH, RETRIEVE, SUMMARIZE, DRAFT_REPLY], T1: [WRITE_DB], T2: [PUBLISH, SOCIAL_POST], T3: [TRADE, PAYMENT, WITHDRAWAL] }
approvals:
  T2: ["critic>=0.8", "operator_approval"]
  T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]
`;

test('under a policy that puts writing into T0 an answer is given, and the task is T0', async () => {
  await using model = await startFakeModel();
  await using app = await startTestApp({ policy: POLICY, env: { OPENAI_BASE_URL: model.baseUrl } });
  model.setPlan([{ id: 'act', agent: 'exec', action: 'SUMMARIZE', after: [], instruction: 'Summarise.' }]);
  model.script('draft', { kind: 'value', value: { text: 'The room opens at nine.' } });
  const task = await giveTask(app, PERSONAS.adam.id, 'Summarise the opening hours');
  await waitForDone(app, task);
  expect(app.telegram.history(task.chatId).map(textOf)).toContain('The room opens at nine.');
  expect(await app.sql('select risk_tier from public.tasks')).toEqual([{ risk_tier: 'T0' }]);
}, 60_000);
