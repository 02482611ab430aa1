import { expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp } from '../../support/app.ts';
import { giveTask, pressCard, textOf, until, waitForCard, waitForDone, waitForTaskText } from '../../support/telling.ts';

const { adam, bella } = PERSONAS;
const TIMEOUT_MS = 40_000;
const NEW_ID = CHATS.vip.id;

test('what is approved for it waits until a start with the new id, and is given again for that one', async () => {
  await using app = await startTestApp({ env: { AGS_VIP_CHAT_ID: '' } });
  const { telegram } = app;
  const task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  const card = await waitForCard(app, task);
  const description = 'group chat was upgraded to a supergroup chat';
  telegram.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: { status: 400, description, migrateToChatId: NEW_ID } });
  await pressCard(app, bella.id, card, 'Approve');
  await waitForTaskText(app, task, `⏳ waits for the new id of the group ${CHATS.signals.id}`);
  const alert = await telegram.waitForMessage(CHATS.alerts.id, 'A configured group has a new id', { timeoutMs: TIMEOUT_MS });
  expect(textOf(alert)).toContain(`new chat id ${NEW_ID}`);

  // A start with the old id confirms nothing.
  await app.restart();
  expect(await app.sql('select confirmed_at from public.chat_moves')).toEqual([{ confirmed_at: null }]);
  const copies = telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id).length;

  await app.restart({ AGS_SIGNALS_CHAT_ID: `${NEW_ID}` });
  expect(await waitForTaskText(app, task, /❌ failed/)).toContain('its chat has moved');
  await telegram.waitFor(() => textOf(telegram.message(CHATS.alerts.id, alert.message_id)).startsWith('✅ Resolved'), {
    timeoutMs: TIMEOUT_MS,
  });
  expect(telegram.calls('copyMessage').filter(({ params }) => params.chat_id === CHATS.signals.id)).toHaveLength(copies);

  const again = await giveTask(app, adam.id, 'Publish a post about the opening hours again');
  await pressCard(app, bella.id, await waitForCard(app, again), 'Approve');
  await waitForDone(app, again);
  await until(() => telegram.history(NEW_ID).length > 0);
}, 120_000);
