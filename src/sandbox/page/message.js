import { avatar, el, hueOf, icon, toClock, toSize } from './dom.js';
import { showPicture } from './overlay.js';
import { richText } from './rich-text.js';

/** One message. `handlers` carry what can be done with it; `previous` decides whether the sender is named again. */
export function drawMessage(view, { previous, isGroup, handlers }) {
  const { message, isOwn } = view;
  const service = toServiceText(message);
  if (service)
    return el('div', { class: 'service', data: { testid: `message-${message.message_id}`, message: message.message_id } }, service);
  const isFirst =
    !previous ||
    senderKey(previous.message) !== senderKey(message) ||
    message.date - previous.message.date > 600 ||
    toServiceText(previous.message) !== '';
  const showsSender = isGroup && !isOwn;
  const row = el(
    'div',
    {
      class: `row ${isOwn ? 'own' : ''} ${isFirst ? 'first' : ''}`,
      data: { testid: `message-${message.message_id}`, message: message.message_id },
    },
    showsSender ? el('span', { class: 'row-avatar' }, isFirst ? avatar(senderName(message), senderId(message), 'small') : null) : null,
    el('div', { class: 'stack' }, drawBubble(view, showsSender && isFirst, handlers), drawKeyboard(message, handlers)),
    el(
      'button',
      {
        type: 'button',
        class: 'more',
        'aria-label': 'Message menu',
        'aria-haspopup': 'menu',
        data: { testid: `more-${message.message_id}` },
        on: { click: (event) => handlers.onMenu(view, event.currentTarget) },
      },
      icon('more'),
    ),
  );
  row.addEventListener('dblclick', (event) => {
    if (!event.target.closest('button, a')) handlers.onReply(view);
  });
  return row;
}

const senderId = (message) => message.sender_chat?.id ?? message.from?.id ?? 0;
const senderKey = (message) => `${senderId(message)}:${message.from?.id ?? 0}`;
export const senderName = (message) => message.sender_chat?.title ?? message.from?.first_name ?? 'Somebody';

function drawBubble(view, withSender, handlers) {
  const { message } = view;
  const text = message.text ?? message.caption;
  const entities = message.entities ?? message.caption_entities;
  const body = text
    ? el(
        'div',
        { class: 'text', dir: 'auto', data: { testid: `text-${message.message_id}` } },
        richText(text, entities, { onCommand: handlers.onCommand }),
      )
    : null;
  const media = [drawPhoto(message), drawDocument(message)];
  if (!message.show_caption_above_media) media.push(body);
  else media.unshift(body);
  const bubble = el(
    'div',
    { class: `bubble ${message.photo && !text ? 'only-photo' : ''}` },
    withSender ? drawSender(message) : null,
    drawTopic(message, handlers),
    drawForward(message),
    drawQuote(message, handlers),
    media,
    drawFoot(view, handlers),
  );
  return bubble;
}

function drawSender(message) {
  const mark = message.from?.is_bot && !message.sender_chat ? 'bot' : message.sender_chat ? 'anonymous' : '';
  const element = el('div', { class: 'sender' }, senderName(message), mark ? el('span', { class: 'sender-mark' }, mark) : null);
  element.style.setProperty('--hue', String(hueOf(senderId(message))));
  return element;
}

function drawTopic(message, handlers) {
  const name = message.is_topic_message ? handlers.topicName(message.message_thread_id) : undefined;
  return name ? el('div', { class: 'topic' }, `# ${name}`) : null;
}

function drawForward(message) {
  const origin = message.forward_origin;
  if (!origin) return null;
  const name = origin.sender_user?.first_name ?? origin.sender_chat?.title ?? origin.chat?.title ?? 'somebody';
  return el('div', { class: 'forwarded' }, icon('forward'), `Forwarded from ${name}`);
}

function drawQuote(message, handlers) {
  const replied = message.reply_to_message;
  if (!replied) return null;
  const text =
    message.quote?.text ?? replied.text ?? replied.caption ?? (replied.photo ? 'Photo' : (replied.document?.file_name ?? 'Message'));
  const element = el(
    'button',
    { type: 'button', class: 'reply-quote', on: { click: () => handlers.onJump(replied.message_id) } },
    el('strong', {}, senderName(replied)),
    el('span', {}, text.replace(/\s+/g, ' ').slice(0, 140)),
  );
  element.style.setProperty('--hue', String(hueOf(senderId(replied))));
  return element;
}

const fileAddress = (fileId) => `/sandbox/api/files/${encodeURIComponent(fileId)}`;

function drawPhoto(message) {
  const photo = message.photo?.at(-1);
  if (!photo) return null;
  const address = fileAddress(photo.file_id);
  const alt = message.caption ?? 'Photo';
  const image = el('img', { src: address, alt, width: photo.width, height: photo.height, loading: 'lazy' });
  return el(
    'button',
    {
      type: 'button',
      class: `photo ${message.has_media_spoiler ? 'is-hidden' : ''}`,
      'aria-label': 'Open the picture',
      on: { click: (event) => openPhoto(event, address, alt) },
    },
    image,
  );
}

function openPhoto(event, address, alt) {
  if (event.currentTarget.classList.contains('is-hidden')) event.currentTarget.classList.remove('is-hidden');
  else showPicture(address, alt);
}

function drawDocument(message) {
  const file = message.document;
  if (!file) return null;
  return el(
    'a',
    {
      class: 'document',
      href: `${fileAddress(file.file_id)}?download`,
      download: file.file_name ?? '',
      data: { testid: `file-${message.message_id}` },
    },
    el('span', { class: 'document-icon' }, icon('file')),
    el(
      'span',
      { class: 'document-text' },
      el('span', { class: 'document-name' }, file.file_name ?? 'File'),
      el('small', {}, `${toSize(file.file_size)} · ${file.mime_type ?? 'file'}`),
    ),
  );
}

function drawFoot(view, handlers) {
  const { message, reactions, isEdited } = view;
  const chips = reactions.map(({ emoji, count, isOwn }) =>
    el(
      'button',
      {
        type: 'button',
        class: `reaction ${isOwn ? 'own' : ''}`,
        'aria-pressed': String(isOwn),
        on: { click: () => handlers.onReact(view, isOwn ? '' : emoji) },
      },
      emoji,
      count > 1 ? ` ${count}` : '',
    ),
  );
  const signature = message.chat.type === 'channel' && message.author_signature ? `${message.author_signature}, ` : '';
  return el(
    'div',
    { class: 'foot' },
    el('span', { class: 'reactions' }, chips),
    el(
      'span',
      { class: 'meta' },
      isEdited ? el('span', { class: 'edited', data: { testid: `edited-${message.message_id}` } }, 'edited ') : null,
      signature,
      el('time', { datetime: new Date(message.date * 1000).toISOString() }, toClock(message.date)),
    ),
  );
}

function drawKeyboard(message, handlers) {
  const rows = message.reply_markup?.inline_keyboard;
  if (!rows) return null;
  return el(
    'div',
    { class: 'keyboard' },
    rows.map((row) =>
      el(
        'div',
        { class: 'keyboard-row' },
        row.map((button) => drawButton(message, button, handlers)),
      ),
    ),
  );
}

function drawButton(message, button, handlers) {
  const mark = button.url ? icon('link') : button.copy_text ? icon('copy') : null;
  const testid = `button-${message.message_id}-${button.text}`;
  return el(
    'button',
    {
      type: 'button',
      class: `key ${button.style ? `key-${button.style}` : ''}`,
      disabled: button.disabled !== undefined,
      data: { testid },
      on: { click: (event) => handlers.onPress(message, button, event.currentTarget) },
    },
    el('span', { class: 'key-label' }, button.text),
    mark,
  );
}

/** The line for what is no message anybody wrote; empty for all others. */
export function toServiceText(message) {
  const who = senderName(message);
  if (message.pinned_message) {
    const text = message.pinned_message.text ?? message.pinned_message.caption ?? 'a message';
    return `${who} pinned “${text.replace(/\s+/g, ' ').slice(0, 60)}”`;
  }
  if (message.new_chat_members) return message.new_chat_members.map((user) => `${user.first_name} joined the group`).join(', ');
  if (message.left_chat_member) {
    const gone = message.left_chat_member;
    return gone.id === message.from?.id ? `${gone.first_name} left the group` : `${who} removed ${gone.first_name}`;
  }
  if (message.forum_topic_created) return `${who} created the topic “${message.forum_topic_created.name}”`;
  const hasContent = message.text !== undefined || message.photo || message.document;
  return hasContent ? '' : message.chat.type === 'private' || message.from ? `${who} changed a pinned message` : '';
}
