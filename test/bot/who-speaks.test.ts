import type { Message } from 'grammy/types';
import { expect, test } from 'vitest';
import { identify } from '../../src/bot/speaker.ts';

const GROUP = { id: -100, type: 'supergroup' as const, title: 'AGS Admin' };
const CHANNEL = { id: -200, type: 'channel' as const, title: 'News' };
const ADAM = { id: 111, is_bot: false, first_name: 'Adam', username: 'adam' };
const account = (id: number, isBot = true) => ({ id, is_bot: isBot, first_name: 'Account' });

/** What Telegram sends of a message, as far as it says who speaks. */
const message = (more: object): Message =>
  ({ message_id: 1, date: 0, chat: GROUP, from: ADAM, text: '/stop', ...more }) as unknown as Message;

test('a person is their number', () => {
  expect(identify(message({}))).toEqual({ kind: 'person', externalId: 111, displayName: 'Adam', username: 'adam' });
});

test.each([
  ['an anonymous admin', { from: account(1_087_968_824), sender_chat: GROUP }, 'anonymous'],
  ['an anonymous admin of whom only the account shows', { from: account(1_087_968_824, false) }, 'anonymous'],
  ['a person who writes as a channel', { from: account(136_817_688), sender_chat: CHANNEL }, 'channel'],
  ['a person behind whom a channel stands', { sender_chat: CHANNEL }, 'channel'],
  ['nobody at all', { from: undefined }, 'channel'],
  ['Telegram itself', { from: account(777_000, false) }, 'bot'],
  ['a post of the linked channel', { is_automatic_forward: true }, 'bot'],
  ['another bot', { from: account(5) }, 'bot'],
  ['what a person forwards', { forward_origin: { type: 'user', date: 0, sender_user: ADAM } }, 'forward'],
  [
    'what a person forwards of somebody hidden',
    { forward_origin: { type: 'hidden_user', date: 0, sender_user_name: 'Olivia' } },
    'forward',
  ],
  ['what came by way of a bot', { via_bot: account(6) }, 'via_bot'],
])('nobody in particular: %s', (_who, more, reason) => {
  expect(identify(message(more))).toEqual({ kind: 'nobody', reason });
});
