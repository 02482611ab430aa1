import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { awayFromTheEnd, codeOf } from '../../support/one-time-codes.ts';
import { ask, giveTask, listPublished, pressCard, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';
import { proposeByCommand, rolesOf, waitForChangeCard } from './changes.ts';

const { olivia, oscar, adam, rita, max } = PERSONAS;

let app: TestApp;
const secrets = new Map<number, string>();
beforeAll(async () => {
  const yaml = await readFile(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');
  const policy = yaml
    .replace('roles: [] # [owner]', 'roles: [owner]')
    .replace('T2: ["PUBLISH", "SOCIAL_POST"]', 'T2: ["SOCIAL_POST"]')
    .replace('T3: ["TRADE",', 'T3: ["PUBLISH", "TRADE",');
  app = await startTestApp({ policy });
  for (const persona of [olivia, oscar]) await enrolByChat(persona.id);
});
afterAll(() => app?.close());

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

async function enrolByChat(personaId: number): Promise<void> {
  const [, secret = ''] = /secret=([A-Z2-7]{32})&/.exec(textOf(await ask(app, personaId, '/enrol'))) ?? [];
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const hex = (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
  await awayFromTheEnd();
  expect(textOf(await ask(app, personaId, `/enrol ${codeOf(hex, -1)}`))).toContain('Enrolled.');
  secrets.set(personaId, hex);
}

/** Replies to the newest question for a code with the code of this moment, and gives the bot's word on it. */
async function giveCode(personaId: number, subject: string): Promise<string> {
  const question = await until(
    () => app.telegram.history(personaId).findLast((message) => textOf(message).includes(`You approve ${subject}?`)),
    { what: `${personaId} to be asked for a code for ${subject}` },
  );
  // Codes are good once, and these stories are quicker than they change.
  await app.sql('update public.second_factors set last_counter = 0');
  return textOf(await ask(app, personaId, codeOf(secrets.get(personaId) ?? ''), { replyTo: question.message_id }));
}

test('a role: the owner’s proposal and the owner’s press count with a code, a rejection without', async () => {
  const { reference, answer } = await proposeByCommand(app, olivia.id, `/role grant reviewer ${max.id}`);
  expect(answer).toContain('Your own word counts with a code: reply to my question in our private chat. Missing: operator and owner');
  const card = await waitForChangeCard(app, reference);
  expect(await pressCard(app, oscar.id, card, 'Approve')).toContain('This takes a code of your authenticator app');
  expect(await pressCard(app, adam.id, card, 'Approve')).toContain('Counted as operator. Still waiting: owner');
  expect(await giveCode(olivia.id, reference)).toContain('Counted as owner. It is in force now.');
  await waitForChangeCard(app, reference, /in force/i);
  expect(await rolesOf(app, max.id)).toEqual(['reviewer']);
  const next = await proposeByCommand(app, olivia.id, `/role revoke reviewer ${max.id}`);
  await waitForChangeCard(app, next.reference);
  expect(textOf(await ask(app, oscar.id, `/approve ${next.reference} yes`))).toContain('This takes a code of your authenticator app');
  expect(textOf(await ask(app, oscar.id, `/approve ${next.reference} no he stays`))).toContain('Rejected: nothing was changed');
});

test('an owner without a second factor is sent to /enrol and decides nothing', async () => {
  await app.sql('update public.second_factors set confirmed_at = null where person_id = public._person_of($1)', [oscar.id]);
  const { reference, answer } = await proposeByCommand(app, oscar.id, `/delegate operator ${rita.id} 8h`);
  expect(answer).toContain('Your own word takes a second factor, and you have none: write /enrol to me in private');
  const card = await waitForChangeCard(app, reference);
  expect(await pressCard(app, oscar.id, card, 'Approve')).toContain('write /enrol to me in private');
  await app.sql('update public.second_factors set confirmed_at = now() where person_id = public._person_of($1)', [oscar.id]);
  await ask(app, oscar.id, `/approve ${reference} no later`);
});

test('a break-glass opens with the code of the owner who asked for it', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post: the office moves to the harbour on Friday');
  await waitForCard(app, task);
  const { reference, answer } = await proposeByCommand(app, olivia.id, `/breakglass ${task.taskId} nobody else can be reached`);
  expect(answer).toContain('Your own word counts with a code');
  const glass = await waitForChangeCard(app, reference, 'Break-glass?');
  expect(await pressCard(app, oscar.id, glass, 'Confirm')).toContain('This takes a code of your authenticator app');
  expect(await pressCard(app, rita.id, glass, 'Confirm')).toContain('Still waiting: owner');
  const before = listPublished(app).length;
  expect(await app.sql('select 1 from public.break_glasses')).toEqual([]);
  expect(await giveCode(olivia.id, reference)).toContain('open for 15 minutes');
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(before + 1);
});

test('a stop needs no code, and both words that lift it do: by command and by the button', async () => {
  expect(textOf(await ask(app, olivia.id, '/stop'))).toContain('STOPPED');
  expect(textOf(await ask(app, olivia.id, '/resume it is over'))).toContain('This takes a code of your authenticator app');
  expect(await giveCode(olivia.id, 'the end of the stop')).toContain('A second person (operator or owner) has to confirm');
  const { message_id: messageId } = await app.telegram.waitForMessage(CHATS.admin.id, 'Resume?');
  const pressed = await app.telegram.press(oscar.id, CHATS.admin.id, messageId, 'Confirm');
  expect(pressed).toMatchObject({ text: expect.stringContaining('This takes a code'), showAlert: true });
  const [row] = await app.sql('select stopped_at is not null as is_stopped from public.stop_switch');
  expect(row).toEqual({ is_stopped: true });
  expect(await giveCode(oscar.id, 'the end of the stop')).toContain('RESUMED by Olivia and Oscar');
  await app.telegram.waitFor((telegram) => /Resumed by .*Olivia.* and .*Oscar/.test(textOf(telegram.message(CHATS.admin.id, messageId))));
  expect(await app.sql('select stopped_at from public.stop_switch')).toEqual([{ stopped_at: null }]);
  expect(app.logLines().join('\n')).not.toContain(secrets.get(olivia.id));
});
