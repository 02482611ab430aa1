import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { awayFromTheEnd, codeOf } from '../../support/one-time-codes.ts';
import { ask, giveTask, pressCard, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';

const { olivia, adam, bella, max } = PERSONAS;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

let app: TestApp;
beforeAll(async () => {
  const yaml = await readFile(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');
  app = await startTestApp({ policy: yaml.replace('roles: [] # [owner]', 'roles: [owner]') });
});
afterAll(() => app?.close());

/** The secret as an app reads it from the address. */
function readSecret(text: string): string {
  const secret = /otpauth:\/\/totp\/Dynamic%20AGS:tg%3A101\?secret=([A-Z2-7]{32})&/.exec(text)?.[1] ?? '';
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return (bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2).toString(16).padStart(2, '0')).join('');
}

const isStanding = ({ message_id }: Message) => app.telegram.history(olivia.id).some((message) => message.message_id === message_id);
const questionFor = (reference: string) =>
  until(() => app.telegram.history(olivia.id).findLast((message) => textOf(message).includes(`You approve ${reference}?`)), {
    what: 'the question for the code',
  });

test('an owner enrols in private, and from then on an approval takes a code', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post: the office moves to the harbour on Friday');
  const card = await waitForCard(app, task);
  expect(await pressCard(app, olivia.id, card, 'Approve')).toContain('write /enrol to me in private');
  expect(textOf(await ask(app, olivia.id, '/enrol', { chatId: CHATS.admin.id }))).toContain('Only in our private chat');
  expect(textOf(await ask(app, max.id, '/enrol'))).not.toContain('otpauth');
  const first = await ask(app, olivia.id, '/enrol');
  const shown = await ask(app, olivia.id, '/enrol');
  const secret = readSecret(textOf(shown));
  expect(secret).toHaveLength(40);
  // A key that is worth nothing any more goes at once.
  await until(() => !isStanding(first));
  expect(isStanding(shown)).toBe(true);
  expect(textOf(await ask(app, olivia.id, `/enrol ${codeOf(secret, 50)}`))).toContain('not the code of this moment');
  await awayFromTheEnd();
  expect(textOf(await ask(app, olivia.id, `/enrol ${codeOf(secret, -1)}`))).toMatch(
    /^Enrolled\..*I have deleted my message with the key\.$/,
  );
  expect(isStanding(shown)).toBe(false);
  expect(app.telegram.history(olivia.id).map(textOf).join()).not.toContain('otpauth');

  expect(await pressCard(app, olivia.id, card, 'Approve')).toContain('This takes a code of your authenticator app');
  const question = await questionFor(card.reference);
  expect(await app.sql('select 1 from public.approvals where task_id = $1', [task.taskId])).toEqual([]);
  const wrong = await ask(app, olivia.id, codeOf(secret, 50), { replyTo: question.message_id });
  expect(textOf(wrong)).toContain('That is not the code of this moment');
  expect(textOf(await ask(app, olivia.id, codeOf(secret), { replyTo: wrong.message_id }))).toContain(
    'counted as operator. Approved: it goes out now',
  );
  await waitForDone(app, task);
  for (const chat of [CHATS.admin.id, CHATS.alerts.id, adam.id])
    expect(app.telegram.history(chat).map(textOf).join()).not.toMatch(/otpauth|You approve/);
  expect(app.logLines().join('\n')).not.toContain(secret);
});

test('who needs none is not asked; taking one back is a change for two others', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post: we are open on Saturday');
  const card = await waitForCard(app, task);
  expect(await pressCard(app, bella.id, card, 'Approve')).toContain('Approved: it goes out now');
  expect(textOf(await ask(app, olivia.id, '/enrol'))).toContain('You have a second factor already');
  expect(textOf(await ask(app, olivia.id, '/enrol reset my phone is lost'))).toMatch(/T3-\w+ is asked\. Missing: operator and owner/);
});
