import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { type FakeModel, type PlanNodeLike, type ScriptedAnswer, startFakeModel } from '../support/fake-model.ts';
import { ask, giveTask, readAnswer, textOf, waitForCard, waitForDone, waitForTaskText } from '../support/telling.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const ASKERS = [adam, bella, olivia, oscar];
let asked = 0;
/** Each time somebody else: nobody may write twenty times in ten seconds. */
const nextPersonId = (): number => ASKERS[asked++ % ASKERS.length]?.id ?? adam.id;
const node = (id: string, more: Partial<PlanNodeLike> = {}): PlanNodeLike => ({
  id,
  agent: 'exec',
  action: 'DRAFT_REPLY',
  after: [],
  instruction: 'Write it.',
  ...more,
});
const plan = (...nodes: PlanNodeLike[]): ScriptedAnswer => ({ kind: 'value', value: { nodes, summary: 'A plan.' } });

let model: FakeModel;
let app: TestApp;
beforeAll(async () => {
  model = await startFakeModel();
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
});
afterAll(async () => {
  await app?.close();
  await model?.close();
});

async function expectNothingSent(taskId: string): Promise<void> {
  expect(await app.sql('select 1 from public.effects where task_id = $1', [taskId])).toEqual([]);
  expect(await app.sql('select 1 from public.approval_requests where task_id = $1', [taskId])).toEqual([]);
  expect(app.telegram.history(CHATS.signals.id)).toEqual([]);
}

/** What was sent, and the reason that people read. */
const BAD: [string, ScriptedAnswer, string][] = [
  ['a circle', plan(node('one', { after: ['two'] }), node('two', { after: ['one'] })), 'these nodes wait for each other: one, two'],
  ['an unknown agent', plan(node('act', { agent: 'wizard' })), 'node 1: there is no agent "wizard" to plan with'],
  ['the critic as a worker', plan(node('act', { agent: 'critic' })), 'node 1: there is no agent "critic" to plan with'],
  ['a forbidden action', plan(node('act', { action: 'FORMAT_DISK' })), 'node 1: the action "FORMAT_DISK" is not allowed by the policy'],
  ['no nodes', plan(), 'it has no nodes'],
  [
    '500 nodes',
    plan(...Array.from({ length: 500 }, (_, index) => node(`n${index}`, { after: index === 0 ? [] : [`n${index - 1}`] }))),
    'it has 500 nodes, at most 20 are allowed',
  ],
  ['one name twice', plan(node('act'), node('act')), 'the node id "act" is used more than once'],
  ['a gate of its own', plan(node('approve')), 'the node id "approve" is reserved: that step is added by the orchestrator'],
  ['what it waits for missing', plan(node('act', { after: ['ghost'] })), 'node "act" waits for "ghost", which is not in the plan'],
  [
    'publishing by the wrong agent',
    plan(node('act'), node('publish', { action: 'PUBLISH', after: ['act'] })),
    'node "publish": PUBLISH is for the communicator',
  ],
  [
    'an agent without a program',
    plan(node('look', { agent: 'trader', action: 'READ' }), node('act', { after: ['look'] })),
    'node "look": the agent "trader" is not installed here; READ is for researcher, retriever, exec, communicator',
  ],
  ['duplicate keys', { kind: 'duplicate_keys' }, 'the key'],
  ['a wrong shape', { kind: 'wrong_shape' }, 'it has the unknown key'],
  ['an answer that was cut off', { kind: 'truncated' }, 'cut off'],
  ['prose', { kind: 'text', text: 'Certainly! Here is the plan you wanted.' }, 'not valid JSON'],
  ['nothing', { kind: 'empty' }, 'the answer is empty'],
];

describe('a plan with', () => {
  test.each(BAD)('%s is asked for once more, then the task fails and says why', async (_, answer, reason) => {
    model.script('plan', answer, answer);
    const before = model.count('plan');
    const task = await giveTask(app, nextPersonId(), 'Explain the tides');
    const shown = await waitForTaskText(app, task, '❌ failed');
    expect(shown).toContain(`The plan was refused: `);
    expect(shown).toContain(reason);
    expect(shown).not.toContain('output_invalid');
    expect(model.count('plan') - before).toBe(2);
    await expectNothingSent(task.taskId);
    const notice = await app.telegram.waitForMessage(task.chatId, (message) => message.reply_to_message?.message_id === task.messageId);
    expect(textOf(notice)).toContain(reason);
    expect(readAnswer(app, await ask(app, task.chatId, `/why ${task.taskId}`))).toContain(reason);
  });

  test('a refusal fails at once and says so', async () => {
    model.script('plan', { kind: 'refusal' });
    const task = await giveTask(app, nextPersonId(), 'Explain the tides');
    expect(await waitForTaskText(app, task, '❌ failed')).toContain('\nThe model refused to answer. Word the goal differently');
    await expectNothingSent(task.taskId);
  });

  test('a mistake that the second answer mends goes on', async () => {
    model.script('plan', plan(node('act', { agent: 'wizard' })));
    const before = model.count('plan');
    const task = await giveTask(app, nextPersonId(), 'Explain the tides');
    await waitForDone(app, task);
    expect(model.count('plan') - before).toBe(2);
    const repair = model.requests.findLast(({ schemaName }) => schemaName === 'plan');
    expect(repair?.messages.map(({ content }) => content).join('\n')).toContain('wizard');
  });
});

describe('what the plan leaves out', () => {
  test('a critic is added', async () => {
    model.script('plan', plan(node('act')));
    const task = await giveTask(app, nextPersonId(), 'Explain the moon');
    expect(await waitForDone(app, task)).toContain('critic · 9/9');
    const [row] = await app.sql("select after from public.task_steps where task_id = $1 and kind = 'effect'", [task.taskId]);
    expect(row?.after).toEqual(['critic']);
  });

  test('the approval is added', async () => {
    model.script('plan', plan(node('act'), node('publish', { agent: 'communicator', action: 'PUBLISH', after: ['act'] })));
    const task = await giveTask(app, nextPersonId(), 'Publish the moon');
    const card = await waitForCard(app, task);
    expect(card.reference).toMatch(/^T2-/);
    const [row] = await app.sql("select after from public.task_steps where task_id = $1 and kind = 'effect'", [task.taskId]);
    expect(row?.after).toEqual(['approve']);
    await ask(app, task.chatId, `/cancel ${task.taskId}`);
    await waitForTaskText(app, task, 'cancelled');
    expect(app.telegram.history(CHATS.signals.id)).toEqual([]);
  });

  test('branches run and are joined', async () => {
    model.script(
      'plan',
      plan(
        node('left', { agent: 'researcher', action: 'RESEARCH' }),
        node('right', { agent: 'researcher', action: 'RESEARCH' }),
        node('act', { after: ['left', 'right'] }),
      ),
    );
    for (const findings of ['The first harbour is deep.', 'The second harbour is wide.'])
      model.script('findings', { kind: 'value', value: { findings, sources: [] } });
    const start = model.requests.length;
    const task = await giveTask(app, nextPersonId(), 'Compare the two harbours');
    await waitForDone(app, task);
    const draft = model.requests.slice(start).find(({ schemaName }) => schemaName === 'draft');
    const sources = draft?.messages.map(({ content }) => content).join('\n') ?? '';
    expect(sources).toContain('The first harbour is deep.');
    expect(sources).toContain('The second harbour is wide.');
  });
});

describe('an action that nothing here can carry out', () => {
  test('a trade is refused when it is planned, saying so', async () => {
    model.script('plan', plan(node('trade', { agent: 'trader', action: 'TRADE', instruction: 'Buy gold.' })));
    const task = await giveTask(app, nextPersonId(), 'Buy gold for the company');
    const shown = await waitForTaskText(app, task, '❌ failed');
    expect(shown).toContain('The plan cannot be carried out here: no broker is connected, so trades are refused');
    await expectNothingSent(task.taskId);
    const why = readAnswer(app, await ask(app, task.chatId, `/why ${task.taskId}`));
    expect(why).toContain('refused the plan at tier T3: no broker is connected, so trades are refused');
  });
});

describe('a model that misbehaves later', () => {
  test.each([
    ['a draft of the wrong shape', 'draft', { kind: 'wrong_shape' }],
    ['a refused draft', 'draft', { kind: 'refusal' }],
    ['a critique that is no critique', 'critique', { kind: 'wrong_shape' }],
    [
      'a critique with points that do not exist',
      'critique',
      {
        kind: 'value',
        value: { policy_compliance: 1, evidence_cited: 9, factuality: 3, clarity: 2, risk_flags: 1, red_flags: [], comments: '' },
      },
    ],
  ] satisfies [string, string, ScriptedAnswer][])('%s fails the task and sends nothing', async (_, schema, answer) => {
    model.script('plan', plan(node('act')));
    model.script(schema, answer, answer);
    const task = await giveTask(app, nextPersonId(), 'Explain the stars');
    const shown = await waitForTaskText(app, task, '❌ failed');
    expect(shown).toMatch(
      /does not have the form "(draft|critique)", also after one repair\. Send the task again|refused to answer\. Word/,
    );
    await expectNothingSent(task.taskId);
  });
});
