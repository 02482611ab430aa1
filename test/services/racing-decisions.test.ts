import { afterAll, afterEach, expect, test } from 'vitest';
import { decideApproval, editRequest } from '../../src/store/approvals.ts';
import { openCard } from '../../src/store/cards.ts';
import { approve, approveTask, ask, askTask, authorize, claim, handInCritique, loadTask, reject, sendCard } from '../support/stories.ts';
import { changePolicy, makeArtifact, PEOPLE, PLACES, PUBLISH_IS_T3 } from '../support/story-world.ts';
import { countBy, openRacingStory, race, shuffle } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
afterEach(() => expect(db.countDeadlocks()).toBe(0));
const bot = db.rpc('ags_bot');
const ROUNDS = 40;
const decisionsOf = (taskId: string) => db.sql('select role, decision, person_id from public.approvals where task_id = $1', [taskId]);

test('twenty presses of one person are one approval', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { taskId, reference } = await askTask(db);
    const answers = await race(20, () => approve(db, reference, PEOPLE.operator));
    expect(countBy(answers.map(({ outcome, code }) => code ?? outcome))).toEqual({ approved: 1, already_approved: 19 });
    expect(await decisionsOf(taskId)).toHaveLength(1);
    expect((await loadTask(db, taskId)).requests).toMatchObject([{ status: 'approved' }]);
  }
});

test('T3: twenty presses of four people fill two slots, by two people', async () => {
  await changePolicy(db, PUBLISH_IS_T3);
  const people = [PEOPLE.owner, PEOPLE.secondOwner, PEOPLE.operator, PEOPLE.secondOperator];
  for (let round = 0; round < 10; round += 1) {
    const { taskId, reference } = await askTask(db, { by: PEOPLE.operator });
    const presses = shuffle([...people, ...people, ...people, ...people, ...people]);
    const answers = await Promise.all(presses.map((who) => approve(db, reference, who)));
    expect(answers.filter(({ outcome }) => outcome === 'approved')).toHaveLength(1);
    expect(answers.filter(({ outcome }) => outcome === 'recorded')).toHaveLength(1);
    const decisions = await decisionsOf(taskId);
    expect(decisions.map(({ role }) => role).toSorted()).toEqual(['operator', 'owner']);
    expect(new Set(decisions.map(({ person_id }) => person_id)).size).toBe(2);
  }
  await changePolicy(db);
});

test('an approval and a rejection in one moment: the rejection stands, or came first', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId, reference } = await askTask(db);
    const calls = shuffle([() => approve(db, reference, PEOPLE.owner), () => reject(db, reference, PEOPLE.operator)]);
    const outcomes = (await Promise.all(calls.map((call) => call()))).map(({ outcome }) => outcome);
    expect(outcomes).toContain('rejected');
    expect(await loadTask(db, taskId)).toMatchObject({ status: 'rejected', effects: [] });
  }
});

test('a rejection and the grant in one moment: one of them happens, never both', async () => {
  const seen = new Set<string>();
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId, reference } = await approveTask(db);
    const held = await claim(db, `${taskId}/publish`);
    const deny = async () => (await reject(db, reference, PEOPLE.secondOperator)).code ?? 'rejected';
    const go = () =>
      authorize(db, held).then(
        ({ verdict }) => verdict,
        (thrown) => String(thrown.code),
      );
    const [denied, granted] = round % 2 === 0 ? await Promise.all([deny(), go()]) : (await Promise.all([go(), deny()])).toReversed();
    seen.add(`${denied} ${granted}`);
    const { status, effects } = await loadTask(db, taskId);
    if (granted === 'go')
      expect({ denied, status, effects: effects.length }).toEqual({ denied: 'too_late', status: 'running', effects: 1 });
    else
      expect({ denied, granted, status, effects }).toEqual({ denied: 'rejected', granted: 'lease_lost', status: 'rejected', effects: [] });
  }
  expect([...seen].length).toBeGreaterThan(0);
});

test('presses against an edit: what was edited is never approved', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId, reference } = await askTask(db);
    const edit = () => editRequest(bot, { reference, externalId: PEOPLE.operator, artifact: makeArtifact('edited.md', 'draft', 'Better') });
    const presses = [PEOPLE.owner, PEOPLE.secondOwner, PEOPLE.secondOperator].map((who) => () => approve(db, reference, who));
    await Promise.all(shuffle([edit, ...presses]).map((call) => call()));
    const task = await loadTask(db, taskId);
    expect(task.requests).toMatchObject([{ reference, status: 'void' }]);
    expect(task.steps.find(({ nodeId }) => nodeId === 'publish')).toMatchObject({ status: 'pending' });
    expect(task.steps.find(({ nodeId }) => nodeId === 'critic')).toMatchObject({ status: 'ready' });
  }
});

test('late presses against the card of a new version do not wait for each other in a circle', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = await askTask(db);
    const pointer = await sendCard(db, first);
    await editRequest(bot, {
      reference: first.reference,
      externalId: PEOPLE.operator,
      artifact: makeArtifact('edited.md', 'draft', 'Better'),
    });
    await handInCritique(db, await claim(db, `${first.taskId}/critic`));
    const second = await ask(db, first.taskId);
    // The press holds the card and wants the task; the drawing holds the task and writes a button that belongs to the card.
    const press = () => decideApproval(bot, { pointer, externalId: PEOPLE.owner, decision: 'approve', source: 'button' });
    const draw = () => openCard(bot, second.request.stepId, { chatId: PLACES.admin, topicId: null });
    await Promise.all(shuffle([press, press, press, press, draw, draw]).map((call) => call()));
    expect((await loadTask(db, first.taskId)).requests).toMatchObject([{ status: 'void' }, { status: 'pending' }]);
  }
});
