import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, listReplies, pressCard, readAnswer, replyThroughCard, textOf } from '../../support/telling.ts';
import { waitForChangeCard } from './changes.ts';
import { DEFAULT_YAML, fileOf, MORE_MONEY_YAML, PUBLISH_T3_YAML, policyInForce, proposeFile, toFile, withYaml } from './policies.ts';

const { adam, bella, olivia, oscar, rita } = PERSONAS;
let app: TestApp;
let base = 0;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app?.close());
beforeEach(async () => {
  base = await policyInForce(app);
});

test('anybody with a role reads the rules, and has the file when they ask', async () => {
  const words = textOf(await ask(app, rita.id, '/policy'));
  expect(words).toContain('Policy version 1');
  expect(words).toContain('It came with the installation.');
  expect(words).toContain(
    'T3: TRADE, PAYMENT, WITHDRAWAL. Needs the critic at 0.9, an operator, an owner, a dry run, never by the requester.',
  );
  const sent = await ask(app, rita.id, '/policy show file');
  expect(fileOf(app, sent)).toBe(DEFAULT_YAML);
  expect(textOf(await ask(app, rita.id, '/policy show 99'))).toBe('There is no such policy version.');
  expect(textOf(await ask(app, rita.id, '/policy burn'))).toContain('I know show, diff, propose, simulate, approve here');
  expect(textOf(await ask(app, rita.id, '/policy diff'))).toContain('one version only');
});

describe('an owner proposes a file', () => {
  test('and an operator agrees on the card: the next version is in force', async () => {
    const { answer, reference } = await proposeFile(app, olivia.id, MORE_MONEY_YAML);
    expect(answer).toContain(`${reference} is asked. Your own word counts as owner. Missing: operator`);
    const card = await waitForChangeCard(app, reference);
    expect(card.text).toContain('put another policy in force');
    expect(card.text).toContain('⚠️ budgets.day_usd changes from 20.00 to 40.00.');
    expect(card.text).toContain('There were no tasks in the last 30 days to try it on.');
    expect(card.text).toMatch(/operator waiting/);
    const file = app.telegram.history(CHATS.admin.id).find((message) => textOf(message).includes(`proposed as ${reference}`));
    expect(file?.message_id).toBeLessThan(card.messageId);
    expect(file && fileOf(app, file)).toBe(MORE_MONEY_YAML);
    expect(await pressCard(app, olivia.id, card, '✅ Approve')).toContain('already');
    expect(await policyInForce(app)).toBe(base);
    expect(await pressCard(app, adam.id, card, '✅ Approve')).toContain('It is in force now');
    await waitForChangeCard(app, reference, `In force: policy version ${base + 1}`);
    expect(await policyInForce(app)).toBe(base + 1);
    const words = textOf(await ask(app, rita.id, '/policy show'));
    expect(words).toContain(`Proposed by Olivia as ${reference}, decided by Olivia (owner) and Adam (operator).`);
    expect(textOf(await ask(app, rita.id, '/policy diff'))).toContain('⚠️ budgets.day_usd changes from 20.00 to 40.00.');
    expect(textOf(await ask(app, rita.id, `/policy diff ${base + 1} ${base}`))).toContain(
      '🔒 budgets.day_usd changes from 40.00 to 20.00.',
    );
  });

  test('and an operator refuses with a reason: nothing changes', async () => {
    const { reference } = await proposeFile(app, olivia.id, PUBLISH_T3_YAML);
    const card = await waitForChangeCard(app, reference);
    expect(card.text).toContain('🔒 PUBLISH goes up from T2 to T3.');
    await replyThroughCard(app, adam.id, card, { label: 'Reject', text: 'not before the holidays' });
    await waitForChangeCard(app, reference, 'not before the holidays');
    expect(await policyInForce(app)).toBe(base);
    expect(textOf(await ask(app, oscar.id, `/policy approve ${reference}`))).toContain('already');
  });

  test('two at once: the second is void when the first is in force', async () => {
    const first = await proposeFile(app, olivia.id, PUBLISH_T3_YAML);
    const second = await proposeFile(app, oscar.id, withYaml(['task_tokens: 60000', 'task_tokens: 50000']));
    expect(textOf(await ask(app, bella.id, `/policy approve ${first.reference}`))).toContain('It is in force now');
    const card = await waitForChangeCard(app, second.reference, 'Void');
    expect(card.text).toContain(`policy version ${base + 1} came into force; propose it anew`);
    expect(card.labels).toEqual([]);
    expect(textOf(await ask(app, bella.id, `/approve ${second.reference} yes`))).toMatch(/void/);
    expect(await policyInForce(app)).toBe(base + 1);
  });
});

describe('the ways in which a policy comes', () => {
  test('asked for: a question, and the file as the answer', async () => {
    const question = await ask(app, olivia.id, '/policy propose');
    expect(textOf(question)).toContain('Which policy?');
    const answer = await ask(app, olivia.id, '', {
      document: toFile(withYaml(['max_positions: 3', 'max_positions: 2'])),
      replyTo: question.message_id,
    });
    expect(textOf(answer)).toContain('is asked');
  });

  test('asked for and left', async () => {
    await ask(app, oscar.id, '/policy propose');
    expect(textOf(await ask(app, oscar.id, '/cancel'))).toBe('Left it. No policy was taken.');
  });

  test('as text behind the command, and as a reply to a file', async () => {
    const compact = withYaml(['day_usd: "20.00"', 'day_usd: "30.00"'])
      .replace(/^\s*#.*\n/gm, '')
      .replace(/^\n/gm, '');
    expect(textOf(await ask(app, olivia.id, `/policy propose\n${compact}`))).toContain('is asked');
    const shared = app.telegram.say(adam.id, CHATS.admin.id, 'what about this', {
      document: toFile(withYaml(['day_usd: "20.00"', 'day_usd: "31.00"'])),
    });
    const said = textOf(await ask(app, olivia.id, '/policy propose as Adam says', { chatId: CHATS.admin.id, replyTo: shared.message_id }));
    expect(said).toContain('is asked');
  });

  test('a file that is none is refused', async () => {
    const said = textOf(await ask(app, olivia.id, '/policy propose', { document: { fileName: 'policy.exe', bytes: Buffer.from('x') } }));
    expect(said).toBe('Only .yaml, .yml and .txt files are read.');
  });
});

describe('what is refused', () => {
  test('every problem is named with its path and reason', async () => {
    const broken = withYaml(
      ['T3: ["critic>=0.9", "operator_approval", "owner_approval", "dry_run_required"]', 'T3: ["critic>=0.9", "owner_approval"]'],
      ['max_positions: 3', 'max_positions: many'],
    );
    const { answer } = await proposeFile(app, olivia.id, broken);
    expect(answer).toContain('That is no valid policy: ');
    expect(answer).toContain('approvals.T3');
    expect(answer).toContain('needs operator_approval');
    expect(answer).toContain('limits.trading.max_positions (line ');
    expect(answer).toContain('expected a number, got text');
  });

  test('what would lock everybody out', async () => {
    const { answer } = await proposeFile(
      app,
      olivia.id,
      withYaml(['  communicator: "telegram-comms:v3"\n', ''], ['  exec: "executor:v2"\n', '']),
    );
    expect(answer).toContain(
      'Nothing was proposed: it would lock everybody out: no agent of the policy may do anything of T2 (PUBLISH, SOCIAL_POST)',
    );
  });

  test.each([
    ['an operator', adam.id],
    ['a reviewer', rita.id],
  ])('%s', async (_who, personaId) => {
    const { answer } = await proposeFile(app, personaId, withYaml(['day_usd: "20.00"', 'day_usd: "99.00"']));
    expect(answer).toContain('Only an owner proposes a policy');
    expect(textOf(await ask(app, rita.id, '/policy approve T3-AAAA'))).toContain('Only operators and owners decide');
  });
});

test('a simulation tells what past tasks would have met, and proposes nothing', async () => {
  const before = await app.sql('select count(*) as n from public.changes');
  const answer = await ask(app, rita.id, '/policy simulate', { document: toFile(withYaml(['day_usd: "20.00"', 'day_usd: "77.00"'])) });
  const said = readAnswer(app, answer);
  expect(said).toContain('⚠️ budgets.day_usd changes from');
  expect(said).toContain('Nothing was proposed.');
  expect(await app.sql('select count(*) as n from public.changes')).toEqual(before);
  expect(listReplies(app, answer)).toEqual([]);
});
