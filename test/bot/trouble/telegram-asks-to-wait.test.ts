import { afterAll, beforeAll, expect, test } from 'vitest';
import { toView } from '../../../src/bot/view.ts';
import { CHATS } from '../../../src/sandbox/world.ts';
import { startTestApp } from '../../support/app.ts';
import { textOf, until } from '../../support/telling.ts';
import { ADMIN, adam, bella, openStage, type Stage } from '../plumbing/stage.ts';

const ADAMS = { chatId: adam.id, topicId: null };
const BELLAS = { chatId: bella.id, topicId: null };

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.start();
});
afterAll(() => stage[Symbol.asyncDispose]());

const listCalls = (chatId: number) => stage.telegram.calls().filter(({ params }) => params.chat_id === chatId);
const wordsOf = (chatId: number) =>
  listCalls(chatId)
    .filter(({ status }) => status === 200)
    .map(({ params }) => String(params.text));

test('when a chat may be written to again, the word on a stop is the first, before answers that waited longer', async () => {
  stage.telegram.failNext({ method: 'sendMessage', chatId: adam.id, as: { status: 429, retryAfter: 3 } });
  const waiting = ['one', 'two', 'three'].map((text) => stage.outbound.send(ADAMS, toView(text)));
  // The one that met the 429 waits now; the others had left before it was known.
  await stage.telegram.waitFor(() => listCalls(adam.id).some(({ status }) => status === 429) && wordsOf(adam.id).length === 2);
  const last = stage.outbound.send(ADAMS, toView('four'));
  stage.telegram.say(adam.id, adam.id, '/stop wrong prices');
  // Other chats hear of it at once; by then the answer stands in the row, too.
  await stage.telegram.waitForMessage(CHATS.admin.id, '🛑 STOPPED');
  expect(wordsOf(adam.id)).toHaveLength(2);
  await Promise.all([...waiting, last]);
  expect(wordsOf(adam.id).slice(2)).toEqual([expect.stringContaining('🛑 STOPPED'), expect.stringMatching(/one|two|three/), 'four']);
  expect(stage.logged.join('')).toContain('Telegram asks to wait');
}, 30_000);

test('fifty edits of progress lines stand in no card’s way: they are left out, and come again', async () => {
  const lines = await Promise.all(Array.from({ length: 5 }, (_, index) => stage.outbound.send(ADMIN, toView(`task ${index}: 0 %`))));
  stage.telegram.failNext({ method: 'sendMessage', chatId: ADMIN.chatId, as: { status: 429, retryAfter: 2 } });
  const card = stage.outbound.send(ADMIN, toView('the card'), { priority: 'approval' });
  await stage.telegram.waitFor(() => listCalls(ADMIN.chatId).some(({ status }) => status === 429));
  const edits = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      stage.outbound.editProgress(lines[index % lines.length] ?? { ...ADMIN, messageId: 0 }, toView(`task: ${index} %`)),
    ),
  );
  expect(edits.every(({ outcome }) => outcome === 'later')).toBe(true);
  await card;
  const [, ...after] = listCalls(ADMIN.chatId).slice(listCalls(ADMIN.chatId).findIndex(({ status }) => status === 429));
  expect(after.map(({ method, params }) => [method, params.text])).toEqual([['sendMessage', 'the card']]);
});

test('the answer to a press is not held up by the 429 of its chat', async () => {
  const message = await stage.outbound.send(
    BELLAS,
    toView('press me', { inline_keyboard: [[{ text: 'Old', callback_data: 'from long ago' }]] }),
  );
  stage.telegram.failNext({ method: 'sendMessage', chatId: bella.id, as: { status: 429, retryAfter: 20 } });
  const ending = new AbortController();
  const held = stage.outbound.send(BELLAS, toView('held'), { signal: ending.signal }).catch((thrown: unknown) => thrown);
  await stage.telegram.waitFor(() => listCalls(bella.id).some(({ status }) => status === 429));
  const answer = await stage.telegram.press(bella.id, bella.id, message.messageId, 'Old');
  expect(answer.text).toContain('no longer valid');
  ending.abort();
  expect(await held).toMatchObject({ code: 'aborted' });
});

test('a draining process still says that it is stopped; an answer that would have to wait is the next one’s', async () => {
  await using app = await startTestApp();
  const { telegram } = app;
  const isHeld = (chatId: number) =>
    telegram.calls('sendMessage').some(({ params, status }) => params.chat_id === chatId && status === 429);
  telegram.failNext({ method: 'sendMessage', chatId: adam.id, as: { status: 429, retryAfter: 2 } });
  telegram.failNext({ method: 'sendMessage', chatId: bella.id, as: { status: 429, retryAfter: 45 } });
  const asked = telegram.say(bella.id, bella.id, '/tasks');
  const stopped = telegram.say(adam.id, adam.id, '/stop wrong prices');
  await until(() => isHeld(adam.id) && isHeld(bella.id));
  await app.restart();
  const listAnswers = (chatId: number, messageId: number) =>
    telegram.history(chatId).filter((message) => message.reply_to_message?.message_id === messageId);
  expect(listAnswers(adam.id, stopped.message_id).map(textOf)).toEqual([expect.stringMatching(/^🛑 STOPPED at \d\d:\d\d UTC by Adam\n/)]);
  expect(await app.sql('select generation::int as generation from public.stop_switch')).toEqual([{ generation: 2 }]);
  await telegram.waitFor(() => listAnswers(bella.id, asked.message_id).length === 1, { timeoutMs: 15_000 });
  expect(app.logLines().some((line) => line.includes('update is tried again') && line.includes('"aborted"'))).toBe(true);
}, 60_000);
