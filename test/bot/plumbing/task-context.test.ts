import type { Message } from 'grammy/types';
import { expect, test } from 'vitest';
import { readTaskContext } from '../../../src/bot/task-context.ts';

const chat = { id: 7, type: 'private' as const, first_name: 'Adam' };
const from = { id: 7, is_bot: false, first_name: 'Adam' };
const write = (more: Partial<Message>): Message => ({ message_id: 1, date: 0, chat, from, ...more }) as Message; // only what is read
const file = { file_id: 'f', file_unique_id: 'u', duration: 3 };

test.each<[string, Partial<Message>]>([
  ['a voice message', { voice: file }],
  ['an audio file', { audio: file }],
  ['a video', { video: { ...file, width: 1, height: 1 }, caption: 'the prices' }],
  ['a video', { video_note: { ...file, length: 1 } }],
  ['an album', { photo: [{ file_id: 'f', file_unique_id: 'u', width: 1, height: 1 }], media_group_id: 'g' }],
])('%s is not read, and whoever replies to it is told before anything is done', (name, content) => {
  const replied = write({ message_id: 2, ...content });
  const reply = write({ text: '/task Summarise this', reply_to_message: replied as Message['reply_to_message'] });
  expect(readTaskContext(reply)).toEqual({ problem: expect.stringContaining(name) });
  expect(readTaskContext(write({ caption: '/task Summarise this', ...content }))).toEqual({ problem: expect.stringContaining(name) });
});

test('a text is read, and so is a photo that stands alone', () => {
  const text = write({ message_id: 2, text: 'the prices' }) as Message['reply_to_message'];
  expect(readTaskContext(write({ text: '/task Summarise', reply_to_message: text }))).toMatchObject({ context: [{ text: 'the prices' }] });
  const photo = [{ file_id: 'f', file_unique_id: 'u', width: 1, height: 1 }];
  expect(readTaskContext(write({ caption: '/task Describe it', photo }))).toMatchObject({ attachments: [{ kind: 'photo' }] });
});
