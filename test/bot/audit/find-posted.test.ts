import { afterAll, expect, test } from 'vitest';
import { findPosted } from '../../../src/bot/commands/posted-link.ts';
import { approveTask, openStory, runToEnd } from '../../support/stories.ts';
import { PLACES } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const { taskId } = await approveTask(db);
await runToEnd(db, taskId);

/** The signals channel is public under this name; no other chat is. */
const deps = {
  rpc: db.rpc('ags_bot'),
  findChatName: (chatId: number) =>
    Promise.resolve({ title: 'a chat', url: chatId === PLACES.signals ? 'https://t.me/AGS_Signals' : null }),
};
const find = (chat: { id: number } | { name: string }, messageId = 9001) =>
  findPosted({ chat, messageId }, deps, new AbortController().signal);

test('a message is found by its chat’s id, and by the public name however it is written', async () => {
  expect(await find({ id: PLACES.signals })).toMatchObject({ taskId });
  expect(await find({ name: 'ags_signals' })).toMatchObject({ taskId });
});

test('another chat, another name or another number is nobody’s', async () => {
  expect(await find({ id: PLACES.admin })).toBeNull();
  expect(await find({ name: 'somebody_else' })).toBeNull();
  expect(await find({ id: PLACES.signals }, 9002)).toBeNull();
});
