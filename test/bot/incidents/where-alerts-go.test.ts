import { expect, test } from 'vitest';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import { startTestApp } from '../../support/app.ts';
import { textOf, until } from '../../support/telling.ts';

const { adam, olivia } = PERSONAS;
const RAISE = `select public._raise_incident('update_dead', 'inbox', 'warning', 'an update could not be handled', '{"inbox_id": 7}')`;

test('without an alert channel they go to the admin group', async () => {
  await using app = await startTestApp({ env: { AGS_ALERT_CHAT_ID: '' } });
  await app.sql(RAISE);
  const alert = await app.telegram.waitForMessage(CHATS.admin.id, 'An update could not be handled', { timeoutMs: 30_000 });
  expect(textOf(alert)).toContain('Known: inbox id 7');
});

test('where the bot may not write they go to the admin group, and work there', async () => {
  await using app = await startTestApp();
  app.telegram.setMember(CHATS.alerts.id, SANDBOX_BOT.id, 'kicked');
  await app.sql(RAISE);
  const alert = await app.telegram.waitForMessage(CHATS.admin.id, 'An update could not be handled', { timeoutMs: 30_000 });
  const { text } = await app.telegram.press(adam.id, CHATS.admin.id, alert.message_id, 'Ack', { timeoutMs: 15_000 });
  expect(text).toBe('Noted: you are at it.');
  await app.telegram.waitFor(() => textOf(app.telegram.message(CHATS.admin.id, alert.message_id)).includes('Adam is at it'), {
    timeoutMs: 15_000,
  });
});

test('a configured group that gets a new id is an incident, another one is not', async () => {
  await using app = await startTestApp();
  const from = { id: olivia.id, is_bot: false, first_name: 'Olivia' };
  const move = (chatId: number) =>
    app.telegram.injectUpdate({
      message: { message_id: 4711, date: 0, from, chat: { id: chatId, type: 'group', title: 'moved' }, migrate_to_chat_id: -1009999999999 },
    } as never);
  move(-4242);
  move(CHATS.signals.id);
  const rows = await until(async () => {
    const found = await app.sql(`select evidence from public.incidents where kind = 'chat_moved'`);
    return found.length > 0 && found;
  });
  expect(rows).toEqual([{ evidence: { chat_id: CHATS.signals.id, new_chat_id: -1009999999999 } }]);
  await app.telegram.waitForMessage(CHATS.alerts.id, 'A configured group has a new id', { timeoutMs: 30_000 });
  expect(app.logLines().join('\n')).toContain('-4242');
});
