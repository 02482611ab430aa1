import { el, icon } from './dom.js';

const TOAST_MS = 4500;

/** A short notice, as Telegram shows the answer to a press. */
export function toast(text, kind = 'info') {
  const element = el('div', { class: `toast toast-${kind}`, data: { testid: 'toast' } }, text);
  document.querySelector('.toasts').append(element);
  setTimeout(() => element.classList.add('is-leaving'), TOAST_MS);
  setTimeout(() => element.remove(), TOAST_MS + 400);
}

/** A notice that must be closed, as Telegram shows an answer with `show_alert`. */
export function alertBox(title, text) {
  return dialog({
    testid: 'alert',
    content: [el('h2', {}, title), el('p', { data: { testid: 'alert-text' } }, text)],
    buttons: [['OK', undefined, 'primary']],
  });
}

/** Offers a list; resolves with the chosen value, or undefined. */
export function choose(title, options) {
  const list = (close) =>
    options.map(({ label, detail, value, lead }) =>
      el(
        'button',
        { type: 'button', class: 'choice', on: { click: () => close(value) } },
        lead,
        el('span', { class: 'choice-text' }, el('span', {}, label), detail ? el('small', {}, detail) : null),
      ),
    );
  return dialog({
    testid: 'chooser',
    content: (close) => [el('h2', {}, title), el('div', { class: 'choices' }, list(close))],
    buttons: [['Cancel', undefined, '']],
  });
}

export function confirmBox(title, text, action) {
  return dialog({
    testid: 'confirm',
    content: [el('h2', {}, title), el('p', {}, text)],
    buttons: [
      ['Cancel', false, ''],
      [action, true, 'danger'],
    ],
  });
}

/** A picture, as large as the window allows. */
export function showPicture(address, name) {
  return dialog({
    testid: 'picture',
    className: 'picture-dialog',
    content: [el('img', { src: address, alt: name })],
    buttons: [['Close', undefined, '']],
  });
}

function dialog({ testid, className = '', content, buttons }) {
  const { promise, resolve } = Promise.withResolvers();
  const element = el('dialog', { class: `dialog ${className}`, data: { testid } });
  const close = (value) => {
    element.close();
    element.remove();
    resolve(value);
  };
  const row = buttons.map(([label, value, kind]) =>
    el('button', { type: 'button', class: `dialog-button ${kind}`, on: { click: () => close(value) } }, label),
  );
  element.append(...(typeof content === 'function' ? content(close) : content), el('div', { class: 'dialog-buttons' }, row));
  element.addEventListener('cancel', () => close(undefined));
  element.addEventListener('click', (event) => {
    if (event.target === element) close(undefined);
  });
  document.body.append(element);
  element.showModal();
  return promise;
}

/** A menu beside a button. `items` are `[label, icon, action]`; `reactions`, a row above them, `[emoji, isOwn, action]`. */
export function openMenu(anchor, items, reactions = []) {
  const before = document.activeElement;
  const menu = el('div', { class: 'menu', role: 'menu', data: { testid: 'menu' } });
  const close = () => {
    menu.remove();
    document.removeEventListener('pointerdown', onOutside, true);
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
  };
  const onOutside = (event) => {
    if (!menu.contains(event.target)) close();
  };
  const closing = (action) => () => {
    close();
    action();
  };
  for (const [label, iconName, action, kind = ''] of items) {
    menu.append(
      el('button', { type: 'button', role: 'menuitem', class: `menu-item ${kind}`, on: { click: closing(action) } }, icon(iconName), label),
    );
  }
  const toReaction = ([emoji, isOwn, action]) =>
    el(
      'button',
      {
        type: 'button',
        role: 'menuitem',
        class: `menu-reaction ${isOwn ? 'own' : ''}`,
        'aria-label': isOwn ? `Take back ${emoji}` : `React with ${emoji}`,
        on: { click: closing(action) },
      },
      emoji,
    );
  menu.append(el('div', { class: 'menu-reactions', role: 'group', 'aria-label': 'React' }, reactions.map(toReaction)));
  menu.addEventListener('keydown', (event) => moveFocus(event, menu, close));
  document.body.append(menu);
  place(menu, anchor.getBoundingClientRect());
  document.addEventListener('pointerdown', onOutside, true);
  menu.firstElementChild.focus({ preventScroll: true });
}

function moveFocus(event, menu, close) {
  const items = [...menu.querySelectorAll('button')];
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (event.key === 'Escape') close();
  else if (step) items[(items.indexOf(document.activeElement) + step + items.length) % items.length].focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function place(menu, anchor) {
  const { width, height } = menu.getBoundingClientRect();
  const left = Math.min(Math.max(8, anchor.right - width), innerWidth - width - 8);
  const below = anchor.bottom + 4;
  const top = below + height > innerHeight - 8 ? Math.max(8, anchor.top - height - 4) : below;
  menu.style.left = `${left}px`;
  menu.style.top = `${top}px`;
}
