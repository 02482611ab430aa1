import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { ask, textOf, until } from '../support/telling.ts';

const { olivia, oscar, adam, rita, max, sam } = PERSONAS;
const EVERYBODY = ['help', 'start'];
const REVIEWER = ['tasks', 'status', 'limits', 'why', 'rules', 'policy', 'cancel', 'stop', 'audit', ...EVERYBODY];
const OPERATOR = [
  'task',
  'tasks',
  'status',
  'limits',
  'why',
  'approve',
  'rules',
  'policy',
  'cancel',
  'stop',
  'resume',
  'drill',
  'runbook',
  'delegate',
  'enrol',
  ...EVERYBODY,
];
const OWNER = [
  ...OPERATOR.slice(0, OPERATOR.indexOf('drill')),
  'breakglass',
  'drill',
  'runbook',
  'audit',
  'role',
  'link',
  'delegate',
  'enrol',
  ...EVERYBODY,
];

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const menu = (personaId: number, chatId = personaId) => app.telegram.menu(personaId, chatId).map(({ command }) => command);

test('a stranger sees what anybody may use; people see what their role may use once they have written', async () => {
  await until(() => menu(sam.id).length > 0);
  expect(menu(sam.id)).toEqual(EVERYBODY);
  for (const { id } of [rita, adam, olivia, max]) await ask(app, id, '/start');
  expect(menu(max.id)).toEqual(EVERYBODY);
  expect(menu(rita.id)).toEqual(REVIEWER);
  expect(menu(adam.id)).toEqual(OPERATOR);
  expect(menu(olivia.id)).toEqual(OWNER);
  // In the group too, everybody their own.
  expect(menu(rita.id, CHATS.admin.id)).toEqual(REVIEWER);
  expect(menu(adam.id, CHATS.admin.id)).toEqual(OPERATOR);
  expect(menu(olivia.id, CHATS.admin.id)).toEqual(OWNER);
  expect(menu(max.id, CHATS.admin.id)).toEqual(EVERYBODY);
});

test('who has a role and has never started the bot has a menu in the admin group', async () => {
  await until(() => menu(oscar.id, CHATS.admin.id).length === OWNER.length);
  expect(menu(oscar.id, CHATS.admin.id)).toEqual(OWNER);
  expect(menu(oscar.id)).toEqual(EVERYBODY);
});

test('the menu of a person is there again after a restart, before they write', async () => {
  await app.restart();
  await until(() => menu(rita.id).length === REVIEWER.length);
  expect(menu(rita.id)).toEqual(REVIEWER);
});

test('/help and /start offer the same as the menu; the rest says who may', async () => {
  for (const [id, names] of [
    [rita.id, REVIEWER],
    [adam.id, OPERATOR],
    [olivia.id, OWNER],
    [max.id, EVERYBODY],
  ] as const) {
    const help = textOf(await ask(app, id, '/help'));
    const offered = [...help.matchAll(/^\/([a-z]+)/gm)].map((match) => match[1]);
    expect(offered.toSorted()).toEqual(names.toSorted());
  }
  expect(textOf(await ask(app, rita.id, '/task Summarise the prices'))).toBe(
    'You may not use /task: it takes the role owner or operator, and you are a reviewer. An owner gives roles.',
  );
});
