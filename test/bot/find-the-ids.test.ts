import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { ask, textOf } from '../support/telling.ts';

const { olivia, rita, max, sam } = PERSONAS;
const GROUP = CHATS.admin.id;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

/** What the buttons of an answer put on the clipboard. */
const listCopied = ({ reply_markup: keyboard }: Message) => keyboard?.inline_keyboard.flat().map((button) => button.copy_text?.text);

test('/start in a group tells somebody with a role the id of the group', async () => {
  for (const { id } of [olivia, rita]) {
    const answer = await ask(app, id, '/start', { chatId: GROUP });
    expect(textOf(answer)).toContain(`This group’s id is ${GROUP}.`);
    expect(listCopied(answer)).toEqual([`${GROUP}`]);
  }
});

test('in a topic, the id of the topic as a variable takes it, and the group’s', async () => {
  const topicId = app.telegram.makeTopic(GROUP, 'Approvals');
  const answer = await ask(app, olivia.id, '/start', { chatId: GROUP, topicId });
  expect(textOf(answer)).toContain(`This topic’s id is ${GROUP}/${topicId}, the whole group’s ${GROUP}.`);
  expect(answer.message_thread_id).toBe(topicId);
  expect(listCopied(answer)).toEqual([`${GROUP}/${topicId}`]);
});

test('in private everybody learns their own id and nothing about any group', async () => {
  expect(textOf(await ask(app, olivia.id, '/start'))).toContain('You are an owner here (id 101).');
  const answer = await ask(app, sam.id, '/start');
  expect(textOf(answer)).toContain('Your id is 141.');
  expect(listCopied(answer)).toEqual(['141']);
});

test('in a group a stranger learns their own id alone, until nobody has a role any more', async () => {
  app.telegram.setMember(GROUP, max.id, 'member');
  const guarded = await ask(app, max.id, '/start', { chatId: GROUP });
  expect(textOf(guarded)).toContain('Your id is 131.');
  expect(textOf(guarded)).not.toContain(String(GROUP));
  await app.sql(`update public.person_roles set revoked_at = now(), revoked_by = 'test' where revoked_at is null`);
  const open = await ask(app, max.id, '/start', { chatId: GROUP });
  expect(textOf(open)).toContain(`This group’s id is ${GROUP}.`);
  expect(listCopied(open)).toEqual(['131', `${GROUP}`]);
});
