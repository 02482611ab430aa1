import { expect, test } from 'vitest';
import { readPostedLink } from '../../../src/bot/commands/posted-link.ts';

test.each([
  ['https://t.me/c/1000000003/42', { chat: { id: -1001000000003 }, messageId: 42 }],
  ['https://t.me/c/1000000003/7/42', { chat: { id: -1001000000003 }, messageId: 42 }],
  ['t.me/c/1000000003/42?single', { chat: { id: -1001000000003 }, messageId: 42 }],
  ['https://t.me/ags_signals/42', { chat: { name: 'ags_signals' }, messageId: 42 }],
  ['http://telegram.me/ags_signals/7/42/', { chat: { name: 'ags_signals' }, messageId: 42 }],
])('%s is a message', (text, expected) => {
  expect(readPostedLink(text)).toEqual(expected);
});

test.each([
  'T-2025-09-28-0012',
  '',
  'https://t.me/ags_signals',
  'https://t.me/c/1000000003',
  'https://t.me.example.com/ags_signals/42',
  'https://example.com/ags_signals/42',
  'javascript://t.me/ags_signals/42',
  'https://t.me/+AbCdEf/42',
])('%s is none', (text) => {
  expect(readPostedLink(text)).toBeNull();
});
