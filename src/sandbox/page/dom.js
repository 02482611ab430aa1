/** Builds elements. Text only ever becomes text nodes, so nothing that people or bots write can become markup. */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'on') for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else if (name === 'data') Object.assign(element.dataset, value);
    else element.setAttribute(name, value === true ? '' : String(value));
  }
  element.append(...children.flat().filter((child) => child !== undefined && child !== null && child !== false));
  return element;
}

const SVG = 'http://www.w3.org/2000/svg';
const PATHS = {
  back: 'M15 5 8 12l7 7',
  send: 'M4 12 20 4l-5 16-4-7Zm7 1 9-9',
  clip: 'm20 11-8.500 8.500a5 5 0 0 1-7-7L13 4a3.500 3.500 0 0 1 5 5l-8.500 8.500a2 2 0 0 1-3-3L14 7',
  slash: 'M15 5 9 19',
  close: 'm6 6 12 12M18 6 6 18',
  more: 'M5 12h.010M12 12h.010M19 12h.010',
  down: 'm6 9 6 6 6-6',
  pin: 'M9 4h6l-1 6 3 3H7l3-3Zm3 9v7',
  reply: 'm10 6-6 6 6 6M4 12h10a6 6 0 0 1 6 6v1',
  forward: 'm14 6 6 6-6 6m6-6H10a6 6 0 0 0-6 6v1',
  edit: 'M4 20h4L19 9l-4-4L4 16Z',
  copy: 'M9 9h10v10H9ZM5 15V5h10',
  bin: 'M5 7h14M10 4h4M7 7l1 13h8l1-13',
  file: 'M7 3h7l4 4v14H7Zm7 0v4h4',
  check: 'm5 13 4 4L19 7',
  link: 'M10 14 20 4m0 0h-6m6 0v6M18 14v5H5V6h5',
  block: 'M6 6l12 12M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18',
};

export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('class', 'icon');
  svg.setAttribute('aria-hidden', 'true');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

const HUES = [211, 262, 24, 168, 340, 45, 190, 290];

/** A round picture with the first letters of a name, always in the same colour for the same id. */
export function avatar(name, id, size = '') {
  const letters = name
    .split(/\s+/)
    .map((word) => word[0] ?? '')
    .join('')
    .slice(0, 2);
  const element = el('span', { class: `avatar ${size}`, 'aria-hidden': 'true' }, letters.toUpperCase());
  element.style.setProperty('--hue', String(hueOf(id)));
  return element;
}

/** The picture of a chat. A private chat shows the bot, which looks the same to everybody. */
export const chatAvatar = (chat, size) => avatar(chat.title.replace(/^AGS /, ''), chat.type === 'private' ? 0 : chat.id, size);

export const hueOf = (id) => HUES[Math.abs(id) % HUES.length];

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });
const shortDay = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });

export const toClock = (unixSeconds) => clock.format(new Date(unixSeconds * 1000));
export const toDay = (unixSeconds) => day.format(new Date(unixSeconds * 1000));
export function toShortTime(unixSeconds) {
  const date = new Date(unixSeconds * 1000);
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : shortDay.format(date);
}

export function toSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  return bytes < 1024 * 1024 ? `${(bytes / 1024).toFixed(1)} KB` : `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
