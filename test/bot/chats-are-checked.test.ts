import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { ask, textOf } from '../support/telling.ts';

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

test('a bot that may do what it has to is not spoken of', async () => {
  const answer = await ask(app, PERSONAS.olivia.id, '/status');
  expect(textOf(answer)).not.toMatch(/AGS_(ADMIN|ALERT|SIGNALS|VIP)_CHAT_ID/);
});

test('a chat that the bot was taken out of does not keep the program from starting; the log and /status name its variable', async () => {
  app.telegram.setMember(CHATS.signals.id, SANDBOX_BOT.id, 'left');
  await app.restart();
  const answer = await ask(app, PERSONAS.olivia.id, '/status');
  expect(textOf(answer)).toMatch(/AGS_SIGNALS_CHAT_ID: the bot is not in chat/);
  expect(app.logLines().filter((line) => line.includes('a configured chat cannot be used as it is'))).toHaveLength(1);
});
