import { avatar, chatAvatar, el, toShortTime } from './dom.js';

const ROLE_MARKS = { owner: '★', operator: '⚙', reviewer: '✎', member: '●', stranger: '?' };

/** The row of people one can be. Arrow keys move, as in a radio group. */
export function drawPersonas(container, personas, currentId, onChoose) {
  container.replaceChildren(
    ...personas.map((persona) =>
      el(
        'button',
        {
          type: 'button',
          class: `persona role-${persona.role}`,
          role: 'radio',
          'aria-checked': String(persona.id === currentId),
          tabindex: persona.id === currentId ? '0' : '-1',
          title: `${persona.firstName}, ${persona.title.toLowerCase()}`,
          data: { testid: `persona-${persona.id}` },
          on: { click: () => onChoose(persona.id), keydown: (event) => stepPersona(event, personas, currentId, onChoose) },
        },
        el(
          'span',
          { class: 'persona-picture' },
          avatar(persona.firstName, persona.id),
          el('span', { class: 'role-mark', 'aria-hidden': 'true' }, ROLE_MARKS[persona.role]),
        ),
        el('span', { class: 'persona-name' }, persona.firstName),
        el('span', { class: 'persona-role' }, persona.title),
      ),
    ),
  );
  container.setAttribute('role', 'radiogroup');
  container.querySelector('[aria-checked="true"]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

function stepPersona(event, personas, currentId, onChoose) {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  const index = personas.findIndex(({ id }) => id === currentId);
  onChoose(personas[(index + step + personas.length) % personas.length].id);
  document.querySelector('.persona[aria-checked="true"]')?.focus();
}

const KINDS = { private: 'Bot', supergroup: 'Group', channel: 'Channel' };

export function drawChats(container, chats, currentId, onOpen) {
  const focused = document.activeElement?.closest('.chat-row')?.dataset.chat;
  container.replaceChildren(...chats.map((chat) => drawChat(chat, chat.id === currentId, onOpen)));
  if (focused) container.querySelector(`[data-chat="${focused}"]`)?.focus({ preventScroll: true });
}

function drawChat(chat, isOpen, onOpen) {
  const unread = isOpen ? 0 : chat.unreadCount;
  return el(
    'button',
    {
      type: 'button',
      class: 'chat-row',
      'aria-current': isOpen ? 'true' : undefined,
      data: { testid: `chat-${chat.id}`, chat: chat.id },
      on: { click: () => onOpen(chat.id) },
    },
    chatAvatar(chat, 'large'),
    el(
      'span',
      { class: 'chat-row-text' },
      el(
        'span',
        { class: 'chat-row-top' },
        el('span', { class: 'chat-row-title' }, chat.title),
        el('span', { class: `kind kind-${chat.type}` }, KINDS[chat.type]),
        el('time', {}, chat.last ? toShortTime(chat.last.date) : ''),
      ),
      el(
        'span',
        { class: 'chat-row-bottom' },
        el('span', { class: 'chat-row-last' }, chat.last?.text ?? 'No messages yet'),
        unread > 0
          ? el(
              'span',
              { class: 'badge', 'aria-label': `${unread} unread`, data: { testid: `unread-${chat.id}` } },
              unread > 99 ? '99+' : String(unread),
            )
          : null,
      ),
    ),
  );
}
