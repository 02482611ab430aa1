import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, pressCard, replyThroughCard, textOf, until } from '../../support/telling.ts';
import { proposeByCommand, rolesOf, toldTo, waitForChangeCard } from './changes.ts';

const { olivia, oscar, adam, bella, rita, max, sam } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
  for (const { id } of [adam, bella, max]) await ask(app, id, '/start');
});
afterAll(() => app.close());

const menuOf = (personaId: number) => app.telegram.menu(personaId, personaId).map(({ command }) => command);

test('/role says who holds what, to owners only', async () => {
  const text = textOf(await ask(app, olivia.id, '/role'));
  expect(text).toContain(`Olivia (${olivia.id}), by the configuration since`);
  expect(text).toMatch(/Operator\nAdam.*\nBella/);
  expect(textOf(await ask(app, adam.id, '/role'))).toContain('You may not use /role');
});

test('a role given by an owner and a second person: card, before and after, the person is told, the menu follows', async () => {
  const { reference, answer } = await proposeByCommand(app, olivia.id, '/role grant operator @max_member new in the team');
  expect(answer).toContain('Your own word counts as owner. Missing: operator');
  const card = await waitForChangeCard(app, reference);
  expect(card.text).toContain('give Max the role operator');
  expect(card.text).toContain(`Before: Max (${max.id}): no role`);
  expect(card.text).toContain(`After: Max (${max.id}): operator`);
  expect(card.text).toMatch(/operator waiting · owner ✓ Olivia/);
  expect(card.text).toContain('“new in the team”');
  expect(card.labels).toEqual(['✅ Approve', '❌ Reject']);
  expect(await rolesOf(app, max.id)).toEqual([]);
  expect(await pressCard(app, olivia.id, card, 'Approve')).toContain('Your word on this counts already');
  expect(await pressCard(app, rita.id, card, 'Approve')).toContain('You hold no role that may decide this');
  expect(await pressCard(app, adam.id, card, 'Approve')).toBe('Counted as operator. It is in force now.');
  expect((await waitForChangeCard(app, reference, 'In force')).labels).toEqual([]);
  expect(await rolesOf(app, max.id)).toEqual(['operator']);
  expect(textOf(await toldTo(app, max.id, reference))).toContain('You are an operator here now');
  await until(() => menuOf(max.id).includes('task'));
  const news = await until(() =>
    app.telegram.history(card.chatId).find((message) => message.reply_to_message?.message_id === card.messageId),
  );
  expect(textOf(news)).toContain(`${reference} is in force: give Max the role operator`);
  expect(textOf(await ask(app, olivia.id, '/role'))).toMatch(new RegExp(`Max \\(${max.id}\\), since .*proposed by Olivia, ${reference}`));
});

test('by /approve too; what was taken is gone at once, and the menu with it', async () => {
  const { reference } = await proposeByCommand(app, oscar.id, `/role revoke operator ${max.id}`);
  await waitForChangeCard(app, reference);
  expect(textOf(await ask(app, bella.id, `/approve ${reference} no`))).toContain('A rejection needs a reason');
  expect(textOf(await ask(app, rita.id, `/approve ${reference} yes`))).toContain('You may not use /approve');
  expect(textOf(await ask(app, bella.id, `/approve ${reference.toLowerCase()} yes`))).toContain('It is in force now');
  expect(textOf(await ask(app, bella.id, `/approve ${reference} yes`))).toContain('in force already');
  expect(await rolesOf(app, max.id)).toEqual([]);
  expect(textOf(await toldTo(app, max.id, reference))).toContain('nobody with a role');
  await until(() => !menuOf(max.id).includes('task'));
});

test('Reject asks for the reason, and nothing is changed', async () => {
  const { reference } = await proposeByCommand(app, olivia.id, '/role grant reviewer @max_member');
  const card = await waitForChangeCard(app, reference);
  const answer = await replyThroughCard(app, adam.id, card, { label: 'Reject', text: 'we do not know him yet' });
  expect(textOf(answer)).toContain('Rejected: nothing was changed');
  expect((await waitForChangeCard(app, reference, 'Rejected')).text).toContain('we do not know him yet');
  expect(await rolesOf(app, max.id)).toEqual([]);
  expect(textOf(await ask(app, bella.id, `/approve ${reference} yes`))).toContain('already rejected');
});

test('whoever proposed it takes it back; the same again is asked anew', async () => {
  const { reference } = await proposeByCommand(app, olivia.id, '/role grant reviewer @max_member');
  const again = await proposeByCommand(app, oscar.id, `/role grant reviewer ${max.id}`);
  expect(again).toMatchObject({ reference, answer: expect.stringContaining('is asked already') });
  expect(textOf(await ask(app, oscar.id, `/role withdraw ${reference}`))).toContain('Only whoever proposed it takes it back');
  expect(textOf(await ask(app, olivia.id, `/role withdraw ${reference} wrong person`))).toContain('Taken back');
  expect((await waitForChangeCard(app, reference, 'Void')).text).toContain('Olivia took it back: wrong person');
});

test('a person is a number, a known name, a mention or the author of a message; anything else names nobody', async () => {
  expect(textOf(await ask(app, olivia.id, '/role grant operator @nobody_known'))).toContain(
    'Nobody called @nobody_known has written to me',
  );
  expect(textOf(await ask(app, olivia.id, '/role grant operator Sam'))).toContain('I read Sam as the person, and it names nobody');
  expect(textOf(await ask(app, olivia.id, '/role grant king 131'))).toContain('king is no role');
  expect(textOf(await ask(app, olivia.id, '/role give operator 131'))).toContain('I know grant, revoke and withdraw here');
  const text = '/role grant reviewer Our Sam please';
  const user = { id: sam.id, is_bot: false, first_name: 'Sam' };
  const entities = [{ type: 'text_mention', offset: text.indexOf('Our'), length: 'Our Sam'.length, user } as const];
  const answer = textOf(await ask(app, olivia.id, text, { entities }));
  const reference = /T3-\w+/.exec(answer)?.[0] ?? '';
  const card = await waitForChangeCard(app, reference);
  expect(card.text).toContain(`Before: tg:${sam.id} (${sam.id}): no role`);
  expect(card.text).toContain('Nobody has ever written to me from this account');
  expect(card.text).toContain('“please”');
  const said = app.telegram.say(rita.id, CHATS.admin.id, 'I could approve too');
  const asked = textOf(
    await ask(app, olivia.id, '/role grant operator she is right', { chatId: CHATS.admin.id, replyTo: said.message_id }),
  );
  const ofRita = await waitForChangeCard(app, /T3-\w+/.exec(asked)?.[0] ?? '');
  expect(ofRita.text).toContain('give Rita the role operator');
  expect(ofRita.text).toContain('“she is right”');
});

test('what cannot be is answered with why: nobody decides on their own role, and somebody has to remain', async () => {
  const { reference } = await proposeByCommand(app, olivia.id, '/role grant owner @adam_operator');
  const card = await waitForChangeCard(app, reference);
  expect(await pressCard(app, adam.id, card, 'Approve')).toContain('This is about you');
  expect(textOf(await ask(app, olivia.id, '/role grant operator @adam_operator'))).toContain('Adam already holds the role operator');
});
