import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import {
  ask,
  type GivenTask,
  giveTask,
  pressCard,
  readAnswer,
  replyThroughCard,
  type ShownCard,
  textOf,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../support/telling.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const GOAL = 'Publish a post: the office moves to the harbour on Friday';

/** The default policy with PUBLISH among the actions that take two people, so that a post exercises all of it. */
async function makePolicy(change: (yaml: string) => string = (yaml) => yaml): Promise<string> {
  const yaml = await readFile(new URL('../../policies/default.yaml', import.meta.url), 'utf8');
  const moved = yaml.replace('T2: ["PUBLISH", "SOCIAL_POST"]', 'T2: ["SOCIAL_POST"]').replace('T3: ["TRADE",', 'T3: ["PUBLISH", "TRADE",');
  return change(moved);
}

async function listDecisions(app: TestApp, { taskId }: GivenTask) {
  return app.sql('select approver, role, decision from public.approvals where task_id = $1 order by ts', [taskId]);
}

const countPosts = (app: TestApp): number => app.telegram.history(CHATS.signals.id).length;

describe('a post that two people have to approve', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({ policy: await makePolicy() });
  });
  afterAll(() => app?.close());

  async function stage(requester: number = adam.id): Promise<{ task: GivenTask; card: ShownCard }> {
    const task = await giveTask(app, requester, GOAL);
    return { task, card: await waitForCard(app, task) };
  }

  test('goes out after an operator and an owner, of whom neither asked for it', async () => {
    const { task, card } = await stage();
    expect(card.reference).toMatch(/^T3-/);
    expect(card.text).toContain('Dry run and risks');
    expect(card.text).toContain('Publishing cannot be undone');
    expect(card.text).toContain('Rehearsal');
    expect(card.text).toMatch(/owner waiting/);
    expect(card.text).toMatch(/operator waiting/);
    expect(await pressCard(app, adam.id, card, 'Approve')).toContain('You asked for this yourself');
    expect(await pressCard(app, bella.id, card, 'Approve')).toBe('Counted as operator. Still waiting: owner.');
    const half = await waitForCard(app, task, { says: /operator ✓ Bella/ });
    expect(half.text).toContain('owner waiting');
    expect(await waitForTaskText(app, task, 'waits for owner')).toContain(card.reference);
    expect(await pressCard(app, bella.id, card, 'Approve')).toContain('You have already approved this');
    expect(countPosts(app)).toBe(0);
    expect(textOf(await ask(app, oscar.id, `/approve ${card.reference} yes as operator`))).toBe(
      `The operator slot is filled already. The owner slot is open: /approve ${card.reference} yes counts as owner.`,
    );
    expect(textOf(await ask(app, olivia.id, `/approve ${card.reference} yes`))).toContain('approved (you as owner)');
    await waitForDone(app, task);
    expect(countPosts(app)).toBe(1);
    const done = await waitForCard(app, task, { says: /Done: PUBLISH/ });
    expect(done.text).toMatch(/operator ✓ Bella/);
    expect(done.text).toMatch(/owner ✓ Olivia/);
    const dryRun = await app.sql("select type from public.artifacts where task_id = $1 and type = 'dry_run'", [task.taskId]);
    expect(dryRun).toHaveLength(1);
  });

  test('an owner who presses first fills the owner slot, "as operator" the other, and nobody fills both', async () => {
    const { task, card } = await stage();
    expect(await pressCard(app, olivia.id, card, 'Approve')).toBe('Counted as owner. Still waiting: operator.');
    expect(textOf(await ask(app, olivia.id, `/approve ${card.reference} yes as operator`))).toContain('You have already approved this');
    expect(textOf(await ask(app, oscar.id, `/approve ${card.reference} yes as operator`))).toContain('approved (you as operator)');
    await waitForDone(app, task);
    expect(await listDecisions(app, task)).toEqual([
      { approver: `tg:${olivia.id}`, role: 'owner', decision: 'approve' },
      { approver: `tg:${oscar.id}`, role: 'operator', decision: 'approve' },
    ]);
  });

  test('an operator cannot fill the owner slot, and an owner who asked fills none', async () => {
    const { task, card } = await stage(olivia.id);
    expect(await pressCard(app, olivia.id, card, 'Approve')).toContain('You asked for this yourself');
    expect(await pressCard(app, adam.id, card, 'Approve')).toContain('Counted as operator');
    expect(await pressCard(app, bella.id, card, 'Approve')).toContain('Every slot that your role fits is filled');
    expect(textOf(await ask(app, bella.id, `/approve ${card.reference} yes as owner`))).toContain('You hold no role that may decide this');
    await pressCard(app, oscar.id, card, 'Approve');
    await waitForDone(app, task);
  });

  test('a denial after one approval wins', async () => {
    const before = countPosts(app);
    const { task, card } = await stage();
    await pressCard(app, bella.id, card, 'Approve');
    await replyThroughCard(app, olivia.id, card, { label: 'Reject', text: 'not this week' });
    expect(await waitForTaskText(app, task, '🚫 rejected')).toContain('not this week');
    expect(await ask(app, oscar.id, `/approve ${card.reference} yes`).then(textOf)).toMatch(/rejected by Olivia|already ended/);
    expect(countPosts(app)).toBe(before);
    const why = readAnswer(app, await ask(app, adam.id, `/why ${task.taskId}`));
    expect(why).toContain('approved T3-');
    expect(why).toContain('“not this week”');
    expect(why).toContain('○ owner_approval');
  });

  test('everybody who can fill a slot has the card in private, the requester has not', async () => {
    const { task, card } = await stage();
    for (const person of [bella, olivia, oscar])
      expect((await waitForCard(app, task, { chatId: person.id })).reference).toBe(card.reference);
    expect(app.telegram.history(adam.id).some((message) => textOf(message).includes('Approve?'))).toBe(false);
    const own = await waitForCard(app, task, { chatId: bella.id });
    await pressCard(app, bella.id, own, 'Approve');
    expect((await waitForCard(app, task, { says: /operator ✓ Bella/ })).reference).toBe(card.reference);
    expect((await waitForCard(app, task, { chatId: olivia.id, says: /operator ✓ Bella/ })).labels).toContain('✅ Approve');
  });
});

describe('a team of two with maker and checker', () => {
  let app: TestApp;
  beforeAll(async () => {
    const policy = await makePolicy((yaml) => yaml.replace('T3: none', 'T3: operator'));
    app = await startTestApp({ policy, env: { AGS_OWNER_IDS: `${olivia.id}`, AGS_OPERATOR_IDS: `${adam.id}`, AGS_REVIEWER_IDS: '' } });
  });
  afterAll(() => app?.close());

  test('the requester fills the operator slot, the owner the other', async () => {
    const task = await giveTask(app, adam.id, GOAL);
    const card = await waitForCard(app, task);
    expect(await pressCard(app, adam.id, card, 'Approve')).toBe('Counted as operator. Still waiting: owner.');
    expect(await pressCard(app, olivia.id, card, 'Approve')).toContain('Approved');
    await waitForDone(app, task);
    expect(countPosts(app)).toBe(1);
  });

  test('an owner who asked cannot be the owner who agrees', async () => {
    const task = await giveTask(app, olivia.id, GOAL);
    const shown = await waitForTaskText(app, task, '❌ failed');
    expect(shown).toContain('there are not enough people who hold those roles');
    expect(countPosts(app)).toBe(1);
    expect(textOf(await ask(app, adam.id, '/status'))).toMatch(/T3 tasks are refused: .*, when it is Olivia$/m);
  });
});

describe('a team that is too small for it', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp({
      policy: await makePolicy(),
      env: { AGS_OWNER_IDS: `${olivia.id}`, AGS_OPERATOR_IDS: `${adam.id}`, AGS_REVIEWER_IDS: '' },
    });
  });
  afterAll(() => app?.close());

  test('has the task refused with the reason', async () => {
    const task = await giveTask(app, adam.id, GOAL);
    const shown = await waitForTaskText(app, task, '❌ failed');
    expect(shown).toContain('T3 needs owner and operator, and there are not enough people who hold those roles besides the requester');
    expect(app.telegram.history(CHATS.admin.id).some((message) => textOf(message).includes('Approve?'))).toBe(false);
    const why = readAnswer(app, await ask(app, adam.id, `/why ${task.taskId}`));
    expect(why).toContain('refused the plan at tier T3');
  });

  test('hears of it by /status', async () => {
    const status = textOf(await ask(app, adam.id, '/status'));
    expect(status).toMatch(/T3 tasks are refused: T3 needs owner and operator, .* besides the requester$/m);
    expect(status.match(/T3 tasks are refused/g)).toHaveLength(1);
  });
});
