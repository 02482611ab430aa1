import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, giveTask, pressCard, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';
import { proposeByCommand, rolesOf, toldTo, waitForChangeCard } from './changes.ts';

const { olivia, adam, bella, max } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  await ask(app, max.id, '/start');
});
afterAll(() => app.close());

test('an operator lends the role, an owner agrees; cards and /status say whose it is', async () => {
  const { reference, answer } = await proposeByCommand(app, adam.id, '/delegate operator @max_member 8h on a plane');
  expect(answer).toContain('Your own word counts as operator. Missing: owner');
  const card = await waitForChangeCard(app, reference);
  expect(card.text).toContain(`After: Max (${max.id}): operator for 8 h`);
  expect(await pressCard(app, bella.id, card, 'Approve')).toContain('Every slot that your role fits is filled');
  expect(await pressCard(app, olivia.id, card, 'Approve')).toContain('It is in force now');
  expect(textOf(await toldTo(app, max.id, reference))).toContain('You stand in for Adam until');
  expect(textOf(await ask(app, bella.id, '/status'))).toContain('Delegated: Max is operator for Adam until');
  const task = await giveTask(app, bella.id, 'Publish a post about the opening hours');
  expect(await pressCard(app, max.id, await waitForCard(app, task, { chatId: max.id }), 'Approve')).toContain('Counted as operator');
  await waitForDone(app, task);
  await waitForCard(app, task, { says: /operator ✓ Max \(for Adam\)/ });
});

test('it ends by itself, and whoever stood in is told', async () => {
  await app.sql(
    `update public.person_roles set granted_at = now() - interval '9 hours', expires_at = now() - interval '1 second' where source = 'delegation'`,
  );
  expect(textOf(await ask(app, max.id, '/start'))).toContain('nobody has given you a role');
  await toldTo(app, max.id, 'The time for which you stood in is over');
  const [row] = await app.sql(`select reference from public.changes where kind = 'delegation'`);
  expect((await waitForChangeCard(app, String(row?.reference), 'Over')).text).toContain('The delegation ended');
  expect(await rolesOf(app, max.id)).toEqual([]);
  await until(() => !app.telegram.menu(max.id, max.id).some(({ command }) => command === 'task'));
});

test('a length of time has to be one, and only a role of one’s own is lent', async () => {
  expect(textOf(await ask(app, adam.id, '/delegate operator @max_member soon'))).toContain('soon is no length of time');
  expect(textOf(await ask(app, adam.id, '/delegate operator @max_member'))).toContain('For how long?');
  expect(textOf(await ask(app, adam.id, '/delegate owner @max_member 8h'))).toContain('Adam does not hold the role owner');
});

test('beside whom they stand in for, nobody counts as a second person', async () => {
  const lent = await proposeByCommand(app, olivia.id, '/delegate owner @max_member 8h');
  await pressCard(app, adam.id, await waitForChangeCard(app, lent.reference), 'Approve');
  const { reference } = await proposeByCommand(app, olivia.id, `/role grant reviewer ${bella.id}`);
  const card = await waitForChangeCard(app, reference);
  expect(textOf(await ask(app, max.id, `/approve ${reference} yes`))).toContain('the two of you count as one person');
  expect(await pressCard(app, adam.id, card, 'Approve')).toContain('It is in force now');
});
