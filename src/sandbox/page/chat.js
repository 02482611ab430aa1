import { makeComposer } from './composer.js';
import { chatAvatar, el, icon, toDay } from './dom.js';
import { drawMessage } from './message.js';
import { alertBox, choose, confirmBox, openMenu, toast } from './overlay.js';

const ACTION_MS = 5000;
const REACTIONS = ['👍', '🔥', '👀', '🤔', '🎉'];

/** The open chat: title, pinned message, messages, composer. */
export function makeChatPane({ act, onBack, listChats }) {
  let view;
  let actionTimer;
  const title = el('div', { class: 'chat-title' });
  const pinned = el('button', {
    type: 'button',
    class: 'pinned',
    hidden: true,
    data: { testid: 'pinned' },
    on: { click: () => jumpTo(view.pinned.message_id) },
  });
  const list = el('div', { class: 'messages', role: 'log', 'aria-label': 'Messages', tabindex: '0', data: { testid: 'messages' } });
  const down = el(
    'button',
    { type: 'button', class: 'to-end', hidden: true, 'aria-label': 'To the newest message', on: { click: () => scrollToEnd('smooth') } },
    icon('down'),
  );
  const composer = makeComposer({ onSend, onStart: () => act('start', {}).catch(report) });
  const header = el(
    'header',
    { class: 'chat-header' },
    el('button', { type: 'button', class: 'tool back', 'aria-label': 'Back to the chats', on: { click: onBack } }, icon('back')),
    title,
  );
  const element = el(
    'main',
    { class: 'chat', data: { testid: 'chat' } },
    header,
    pinned,
    el('div', { class: 'messages-frame' }, list, down),
    composer.element,
  );

  list.addEventListener('scroll', () => {
    down.hidden = isAtEnd();
  });

  const handlers = {
    onReply: (target) => composer.reply(target),
    onCommand: (text) => composer.write(`${text} `),
    onJump: jumpTo,
    onReact: (target, emoji) => act('react', { ...at(target.message), emoji }).catch(report),
    onPress,
    onMenu,
    topicName: (id) => view.topics.find((topic) => topic.id === id)?.name,
  };

  const at = (message) => ({ chatId: message.chat.id, messageId: message.message_id });
  const report = (error) => toast(error.message, 'error');
  const isAtEnd = () => list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  const scrollToEnd = (behavior = 'instant') => list.scrollTo({ top: list.scrollHeight, behavior });

  function show(next) {
    const isOther = view?.chat.id !== next.chat.id;
    const wasAtEnd = isOther || isAtEnd();
    view = next;
    showTitle(next.chat);
    showPinned();
    drawMessages();
    composer.show(next);
    if (wasAtEnd) scrollToEnd();
  }

  function showTitle(chat, action) {
    title.replaceChildren(
      chatAvatar(chat),
      el(
        'div',
        {},
        el('h1', { data: { testid: 'chat-title' } }, chat.title),
        el('p', { class: action ? 'is-active' : '' }, action ?? chat.subtitle),
      ),
    );
  }

  function showPinned() {
    pinned.hidden = !view.pinned;
    const text = view.pinned?.text ?? view.pinned?.caption ?? 'File';
    pinned.replaceChildren(
      icon('pin'),
      el('span', {}, el('strong', {}, 'Pinned message'), el('span', { class: 'pinned-text' }, text.replace(/\s+/g, ' ').slice(0, 200))),
    );
  }

  function drawMessages() {
    list.replaceChildren();
    if (view.messages.length === 0) list.append(drawWelcome());
    let previous;
    for (const current of view.messages) {
      if (!previous || toDay(previous.message.date) !== toDay(current.message.date))
        list.append(el('div', { class: 'day' }, toDay(current.message.date)));
      list.append(draw(current, previous));
      previous = current;
    }
  }

  function draw(current, previous) {
    return drawMessage(current, { previous, isGroup: view.chat.type === 'supergroup', handlers });
  }

  function drawWelcome() {
    const text =
      view.description ||
      (view.chat.type === 'private' ? 'Press Start to open the conversation with the bot.' : 'Nothing has been written here yet.');
    return el(
      'div',
      { class: 'welcome' },
      el('strong', {}, view.chat.type === 'private' ? 'What can this bot do?' : view.chat.title),
      el('p', {}, text),
    );
  }

  /** A new message at the end, or a changed one in its place. */
  function put(changed) {
    const index = view.messages.findIndex(({ message }) => message.message_id === changed.message.message_id);
    const wasAtEnd = isAtEnd();
    if (index === -1) {
      view.messages.push(changed);
      clearAction();
      drawMessages();
      list.lastElementChild.classList.add('is-new');
    } else {
      view.messages[index] = changed;
      find(changed.message.message_id)?.replaceWith(draw(changed, view.messages[index - 1]));
    }
    composer.show(view);
    if (wasAtEnd || (index === -1 && changed.isOwn)) scrollToEnd();
    else down.hidden = isAtEnd();
  }

  function drop(messageId) {
    view.messages = view.messages.filter(({ message }) => message.message_id !== messageId);
    drawMessages();
  }

  const find = (messageId) => list.querySelector(`[data-message="${messageId}"]`);

  function jumpTo(messageId) {
    const target = find(messageId);
    if (!target) return;
    target.scrollIntoView({ block: 'center', behavior: 'smooth' });
    target.classList.remove('is-marked');
    requestAnimationFrame(() => target.classList.add('is-marked'));
  }

  function showAction(action) {
    clearAction();
    if (action === 'cancel') return;
    showTitle(view.chat, action.startsWith('upload') ? 'Dynamic AGS is sending a file…' : 'Dynamic AGS is typing…');
    actionTimer = setTimeout(clearAction, ACTION_MS);
  }

  function clearAction() {
    clearTimeout(actionTimer);
    if (view) showTitle(view.chat);
  }

  async function onSend({ text, replyTo, editing, file }) {
    if (editing !== undefined) await act('edit', { chatId: view.chat.id, messageId: editing, text });
    else await act('say', { chatId: view.chat.id, text, replyTo, file });
    scrollToEnd();
  }

  async function onPress(message, button, key) {
    if (button.url) return void open(button.url, '_blank', 'noopener,noreferrer');
    if (button.copy_text) return copy(button.copy_text.text);
    if (button.callback_data === undefined) return toast('This kind of button does nothing in the sandbox.');
    key.classList.add('is-waiting');
    key.setAttribute('aria-busy', 'true');
    try {
      const answer = await act('press', { ...at(message), data: button.callback_data });
      if (answer.text && answer.showAlert) await alertBox('Dynamic AGS', answer.text);
      else if (answer.text) toast(answer.text);
    } catch (error) {
      toast(error.message.startsWith('waited') ? 'The bot has not answered.' : error.message, 'error');
    } finally {
      key.classList.remove('is-waiting');
      key.removeAttribute('aria-busy');
    }
  }

  function onMenu(target, anchor) {
    const { message } = target;
    const own = target.reactions.find(({ isOwn }) => isOwn)?.emoji;
    const text = message.text ?? message.caption;
    const items = [
      ['Reply', 'reply', () => composer.reply(target)],
      ...(target.mayEdit ? [['Edit', 'edit', () => composer.edit(target)]] : []),
      ...(text ? [['Copy text', 'copy', () => copy(text)]] : []),
      ...(target.mayForward ? [['Forward', 'forward', () => forward(message)]] : []),
      ...(target.mayRemove ? [['Delete', 'bin', () => remove(message), 'danger']] : []),
    ];
    const reactions = REACTIONS.map((emoji) => [emoji, own === emoji, () => handlers.onReact(target, own === emoji ? '' : emoji)]);
    openMenu(anchor, items, reactions);
  }

  async function forward(message) {
    const options = listChats().map((chat) => ({ label: chat.title, detail: chat.subtitle, value: chat.id, lead: chatAvatar(chat) }));
    const toChatId = await choose('Forward to', options);
    if (toChatId === undefined) return;
    await act('forward', { ...at(message), toChatId }).then(() => toast('Forwarded.'), report);
  }

  async function remove(message) {
    const isSure = await confirmBox('Delete the message?', 'It disappears for everybody. The bot is not told, as in Telegram.', 'Delete');
    if (isSure) await act('remove', at(message)).catch(report);
  }

  async function copy(text) {
    await navigator.clipboard.writeText(text).then(
      () => toast('Copied.'),
      () => toast('The browser does not let the page copy.', 'error'),
    );
  }

  return { element, show, showTitle: (chat) => showTitle(Object.assign(view.chat, chat)), put, drop, showAction, focus: composer.focus };
}
