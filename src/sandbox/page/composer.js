import { toUpload } from './api.js';
import { el, icon } from './dom.js';
import { senderName } from './message.js';
import { toast } from './overlay.js';

const MAX_FILE_BYTES = 20 * 1024 * 1024;

/**
 * Where a person writes. Keeps a draft, what is replied to and what is attached until they are sent; `show` is called with each new
 * state of the chat. `onSend` gets `{ text, replyTo, editing, file }` and returns a promise.
 */
export function makeComposer({ onSend, onStart }) {
  let view;
  let replyTo;
  let editing;
  let attached;
  let forcedBy;
  let dismissedForce;

  const input = el('textarea', { rows: '1', placeholder: 'Message', 'aria-label': 'Message', data: { testid: 'composer' } });
  const filePicker = el('input', { type: 'file', hidden: true, 'aria-label': 'Attach a file', data: { testid: 'file-input' } });
  const bar = el('div', { class: 'composer-bar', hidden: true, data: { testid: 'composer-bar' } });
  const suggestions = el('div', {
    class: 'suggestions',
    role: 'listbox',
    'aria-label': 'Commands',
    hidden: true,
    data: { testid: 'commands' },
  });
  const replyKeys = el('div', { class: 'reply-keys', hidden: true });
  const attach = el(
    'button',
    {
      type: 'button',
      class: 'tool',
      'aria-label': 'Attach a file or a picture',
      data: { testid: 'attach' },
      on: { click: () => filePicker.click() },
    },
    icon('clip'),
  );
  const menuButton = el(
    'button',
    { type: 'button', class: 'tool', 'aria-label': 'Commands', data: { testid: 'command-menu' }, on: { click: toggleMenu } },
    icon('slash'),
  );
  const send = el(
    'button',
    { type: 'button', class: 'send', 'aria-label': 'Send', data: { testid: 'send' }, on: { click: submit } },
    icon('send'),
  );
  const line = el('div', { class: 'composer-line' }, menuButton, input, attach, send);
  const start = el('button', { type: 'button', class: 'start', data: { testid: 'start' }, on: { click: onStart } }, 'Start');
  const readOnly = el('p', { class: 'read-only' });
  const element = el('footer', { class: 'composer' }, suggestions, bar, replyKeys, line, start, readOnly, filePicker);

  input.addEventListener('input', onInput);
  input.addEventListener('keydown', onKey);
  input.addEventListener('paste', (event) => takeFile(event.clipboardData?.files[0]));
  filePicker.addEventListener('change', () => {
    takeFile(filePicker.files[0]);
    filePicker.value = '';
  });

  function show(next) {
    const isOtherChat = view?.chat.id !== next.chat.id;
    view = next;
    if (isOtherChat) reset();
    const forced = next.replyInterface;
    if (forced && 'force_reply' in forced.markup && forced.messageId !== forcedBy && forced.messageId !== dismissedForce)
      forceReply(forced);
    if (!forced && forcedBy !== undefined) {
      if (replyTo?.message.message_id === forcedBy) replyTo = undefined;
      forcedBy = undefined;
    }
    line.hidden = next.writing !== 'yes';
    start.hidden = next.writing !== 'start';
    readOnly.hidden = next.writing !== 'read';
    readOnly.textContent = next.chat.type === 'channel' ? 'Only admins write in this channel' : 'You cannot write here';
    menuButton.hidden = next.menu.length === 0;
    drawBar();
    drawReplyKeys();
  }

  function forceReply(forced) {
    const target = view.messages.find(({ message }) => message.message_id === forced.messageId);
    if (!target) return;
    replyTo = target;
    editing = undefined;
    forcedBy = forced.messageId;
    input.focus({ preventScroll: true });
  }

  function reset() {
    input.value = '';
    replyTo = editing = attached = forcedBy = undefined;
    suggestions.hidden = true;
    resize();
  }

  function drawBar() {
    input.placeholder = view.replyInterface?.markup.input_field_placeholder ?? (attached ? 'Caption' : 'Message');
    const subject = editing ?? replyTo;
    bar.hidden = !subject && !attached;
    const text = subject ? (subject.message.text ?? subject.message.caption ?? 'a file') : '';
    const parts = [];
    if (subject)
      parts.push(
        el(
          'div',
          { class: 'bar-part' },
          icon(editing ? 'edit' : 'reply'),
          el(
            'div',
            {},
            el('strong', {}, editing ? 'Edit message' : `Reply to ${senderName(subject.message)}`),
            el('span', {}, text.replace(/\s+/g, ' ').slice(0, 160)),
          ),
        ),
      );
    if (attached)
      parts.push(
        el(
          'div',
          { class: 'bar-part' },
          icon('file'),
          el('div', {}, el('strong', {}, attached.type.startsWith('image/') ? 'Picture' : 'File'), el('span', {}, attached.name)),
        ),
      );
    bar.replaceChildren(
      ...parts,
      el(
        'button',
        { type: 'button', class: 'tool', 'aria-label': 'Cancel', data: { testid: 'composer-cancel' }, on: { click: cancel } },
        icon('close'),
      ),
    );
  }

  function cancel() {
    if (editing) input.value = '';
    dismissedForce = forcedBy;
    replyTo = editing = attached = forcedBy = undefined;
    drawBar();
    resize();
    input.focus();
  }

  function drawReplyKeys() {
    const rows = view.writing === 'yes' ? view.replyInterface?.markup.keyboard : undefined;
    replyKeys.hidden = !rows;
    const toKey = ({ text }) => el('button', { type: 'button', class: 'key', on: { click: () => onSend({ text }).catch(report) } }, text);
    replyKeys.replaceChildren(...(rows ?? []).map((row) => el('div', { class: 'keyboard-row' }, row.map(toKey))));
  }

  function onInput() {
    resize();
    const typed = /^\/(\w*)$/.exec(input.value);
    drawSuggestions(typed ? view.menu.filter(({ command }) => command.startsWith(typed[1])) : []);
  }

  function toggleMenu() {
    drawSuggestions(suggestions.hidden ? view.menu : []);
    input.focus();
  }

  function drawSuggestions(commands) {
    suggestions.hidden = commands.length === 0;
    suggestions.replaceChildren(
      ...commands.map(({ command, description }, index) =>
        el(
          'button',
          { type: 'button', role: 'option', 'aria-selected': String(index === 0), class: 'suggestion', on: { click: () => pick(command) } },
          el('strong', {}, `/${command}`),
          el('span', {}, description),
        ),
      ),
    );
  }

  function pick(command) {
    input.value = `/${command} `;
    suggestions.hidden = true;
    input.focus();
    resize();
  }

  function moveSelection(step) {
    const options = [...suggestions.children];
    const current = options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
    const next = (current + step + options.length) % options.length;
    for (const [index, option] of options.entries()) option.setAttribute('aria-selected', String(index === next));
    options[next].scrollIntoView({ block: 'nearest' });
  }

  function onKey(event) {
    if (event.isComposing) return;
    if (!suggestions.hidden && ['ArrowDown', 'ArrowUp', 'Tab'].includes(event.key)) {
      event.preventDefault();
      if (event.key === 'Tab') suggestions.querySelector('[aria-selected="true"]')?.click();
      else moveSelection(event.key === 'ArrowDown' ? 1 : -1);
    } else if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      void submit();
    } else if (event.key === 'Escape') {
      if (!suggestions.hidden) suggestions.hidden = true;
      else if (!bar.hidden) cancel();
    }
  }

  function resize() {
    input.style.height = 'auto';
    input.style.height = `${Math.min(input.scrollHeight, 220)}px`;
    send.disabled = input.value.trim() === '' && !attached;
  }

  function takeFile(file) {
    if (!file) return;
    if (file.size > MAX_FILE_BYTES) return toast('Files in the sandbox can have up to 20 MB.', 'error');
    attached = file;
    drawBar();
    resize();
    input.focus();
  }

  async function submit() {
    const text = input.value;
    if ((text.trim() === '' && !attached) || send.disabled) return;
    send.disabled = true;
    try {
      const file = attached && (await toUpload(attached, /^image\/(?:png|jpeg|webp)$/.test(attached.type)));
      await onSend({ text, replyTo: replyTo?.message.message_id, editing: editing?.message.message_id, file });
      reset();
      drawBar();
    } catch (error) {
      report(error);
    } finally {
      resize();
      input.focus();
    }
  }

  const report = (error) => toast(error.message, 'error');

  resize();
  return {
    element,
    show,
    reply(target) {
      replyTo = target;
      editing = undefined;
      drawBar();
      input.focus();
    },
    edit(target) {
      editing = target;
      replyTo = undefined;
      input.value = target.message.text ?? target.message.caption ?? '';
      drawBar();
      resize();
      input.focus();
    },
    write(text) {
      input.value = text;
      resize();
      input.focus();
    },
    focus: () => input.focus({ preventScroll: true }),
  };
}
