import { afterAll, afterEach, expect, test } from 'vitest';
import { editRequest } from '../../src/store/approvals.ts';
import { reviewBreakGlass } from '../../src/store/break-glass.ts';
import { approveWithCode } from '../../src/store/second-factor.ts';
import { sweep } from '../../src/store/steps.ts';
import { askedGlass, askForGlass, forgetGlasses, letGlassRunOut, openGlass } from '../support/break-glass.ts';
import { decideAs } from '../support/changes.ts';
import { codeOf, enrol } from '../support/one-time-codes.ts';
import { approve, askTask, authorize, claim, loadTask, reject } from '../support/stories.ts';
import { changePolicy, makeArtifact, PEOPLE, PUBLISH_IS_T3 } from '../support/story-world.ts';
import { countBy, openRacingStory, race, shuffle } from './support/story.ts';

const db = await openRacingStory(PUBLISH_IS_T3);
afterAll(() => db.close());
afterEach(async () => {
  await forgetGlasses(db);
  expect(db.countDeadlocks()).toBe(0);
});
const { owner, secondOwner, operator, secondOperator, reviewer } = PEOPLE;
const ROUNDS = 10;

const tryAuthorize = (held: Awaited<ReturnType<typeof claim>>) =>
  authorize(db, held).then(
    ({ verdict }) => verdict,
    (thrown) => String(thrown.code),
  );

test('twelve confirmations of three people: opened once, by two people', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId } = await askTask(db, { by: operator });
    const change = await askedGlass(db, taskId);
    const presses = shuffle([reviewer, secondOwner, secondOperator].flatMap((person) => [person, person, person, person]));
    const answers = await Promise.all(presses.map((person) => decideAs(db, change, person)));
    expect(countBy(answers.map(({ code, outcome }) => code ?? outcome))).toEqual({ applied: 1, already_applied: 11 });
    const rows = await db.sql('select person_id, role from public.approvals where task_id = $1', [taskId]);
    expect([rows.length, new Set(rows.map(({ person_id }) => person_id)).size]).toEqual([2, 2]);
    await forgetGlasses(db);
  }
});

test('two owners break the glass for ten tasks at once: one of them is asked', async () => {
  const tasks = await race(10, () => askTask(db, { by: operator }));
  const answers = await Promise.all(tasks.map(({ taskId }, index) => askForGlass(db, taskId, index % 2 === 0 ? owner : secondOwner)));
  expect(countBy(answers.map(({ outcome }) => outcome))).toEqual({ proposed: 1, refused: 9 });
});

test('a denial against the confirmation and the grant: let out, or rejected, never both', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId, reference } = await askTask(db, { by: operator });
    const change = await askedGlass(db, taskId);
    const confirm = async () => {
      const { outcome } = await decideAs(db, change, reviewer);
      if (outcome !== 'applied') return outcome;
      return claim(db, `${taskId}/publish`).then(tryAuthorize, () => 'over');
    };
    const [verdict, denial] = await Promise.all([confirm(), reject(db, reference, secondOperator)]);
    const { effects, status } = await loadTask(db, taskId);
    if (verdict === 'go') expect({ effects: effects.length, code: denial.code }).toEqual({ effects: 1, code: 'too_late' });
    else expect({ effects, status }).toEqual({ effects: [], status: 'rejected' });
    await forgetGlasses(db);
  }
});

test('an edit, a sweep and twenty grants in one moment: at most one effect, and none over other bytes', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId, reference, request } = await askTask(db, { by: operator });
    await openGlass(db, taskId);
    const held = await claim(db, `${taskId}/publish`);
    const artifact = makeArtifact('edited.md', 'draft', `Better ${round}`);
    await Promise.all(
      shuffle<() => Promise<unknown>>([
        ...Array.from({ length: 20 }, () => () => tryAuthorize(held)),
        () => editRequest(db.rpc('ags_bot'), { reference, externalId: secondOperator, artifact }),
        () => sweep(db.rpc('ags_worker'), 60_000),
      ]).map((call) => call()),
    );
    const { effects, breakGlasses } = await loadTask(db, taskId);
    expect(effects.length).toBeLessThanOrEqual(1);
    expect(breakGlasses[0]?.status).toBe(effects.length === 1 ? 'used' : 'void');
    for (const { artifactChecksum } of effects) expect(artifactChecksum).toBe(request.artifactChecksum);
    await forgetGlasses(db);
  }
});

test('the end of the 15 minutes against the grant: one of them', async () => {
  for (let round = 0; round < ROUNDS; round += 1) {
    const { taskId } = await askTask(db, { by: operator });
    await openGlass(db, taskId);
    const held = await claim(db, `${taskId}/publish`);
    const [verdict] = await Promise.all([tryAuthorize(held), letGlassRunOut(db).then(() => sweep(db.rpc('ags_worker'), 60_000))]);
    const { effects, breakGlasses } = await loadTask(db, taskId);
    expect([effects.length, breakGlasses[0]?.status]).toEqual(verdict === 'go' ? [1, 'used'] : [0, 'expired']);
    await forgetGlasses(db);
  }
});

test('ten reviews at once are one', async () => {
  const { taskId } = await askTask(db, { by: operator });
  await openGlass(db, taskId);
  await authorize(db, await claim(db, `${taskId}/publish`));
  const answers = await race(10, () => reviewBreakGlass(db.rpc('ags_bot'), { externalId: secondOwner, taskId, text: 'it was right' }));
  expect(countBy(answers.map(({ code }) => code ?? 'reviewed'))).toEqual({ reviewed: 1, not_found: 9 });
});

test('one code for two requests at once is taken for one', async () => {
  await changePolicy(db, { ...PUBLISH_IS_T3, second_factor: { roles: ['owner'], tiers: ['T3'] } });
  const secret = await enrol(db, owner);
  const asked = await race(2, () => askTask(db, { by: operator }));
  const prompts = await Promise.all(asked.map(({ reference }) => approve(db, reference, owner)));
  const code = codeOf(secret);
  const answers = await Promise.all(
    prompts.flatMap(({ promptId }) =>
      Array.from({ length: 3 }, () => approveWithCode(db.rpc('ags_bot'), { promptId: promptId ?? '', externalId: owner, code })),
    ),
  );
  expect(answers.filter((answer) => answer.request?.outcome === 'recorded')).toHaveLength(1);
  const rows = await db.sql(`select 1 from public.approvals where task_id = any ($1)`, [asked.map(({ taskId }) => taskId)]);
  expect(rows).toHaveLength(1);
});
