import { el } from './dom.js';

/** Draws a text with its entities. They nest properly (the server sees to that), so one pass with a stack builds the tree. */
export function richText(text, entities = [], { onCommand } = {}) {
  const root = document.createDocumentFragment();
  drawRange({ text, entities, onCommand }, 0, text.length, 0, root);
  return root;
}

function drawRange(source, start, end, firstEntity, parent) {
  let position = start;
  let index = firstEntity;
  while (index < source.entities.length) {
    const entity = source.entities[index];
    if (entity.offset >= end) break;
    if (entity.offset < position) {
      index += 1;
      continue;
    }
    parent.append(toPlain(source.text.slice(position, entity.offset), parent));
    const entityEnd = entity.offset + entity.length;
    const { element, content = element } = toElement(entity, source.text.slice(entity.offset, entityEnd), source);
    drawRange(source, entity.offset, entityEnd, index + 1, content);
    parent.append(element);
    position = entityEnd;
    while (index < source.entities.length && source.entities[index].offset < entityEnd) index += 1;
  }
  parent.append(toPlain(source.text.slice(position, end), parent));
}

/** A block already breaks the line: the line break after it would be a second one. */
function toPlain(text, parent) {
  const isAfterBlock = parent.lastChild instanceof HTMLElement && parent.lastChild.matches('pre, blockquote, .code-block');
  return isAfterBlock && text.startsWith('\n') ? text.slice(1) : text;
}

const TAGS = { bold: 'strong', italic: 'em', underline: 'u', strikethrough: 's', code: 'code' };

function toElement(entity, text, source) {
  if (TAGS[entity.type]) return { element: el(TAGS[entity.type]) };
  switch (entity.type) {
    case 'pre':
      return toCodeBlock(entity);
    case 'blockquote':
      return { element: el('blockquote') };
    case 'expandable_blockquote':
      return toExpandable(text);
    case 'spoiler':
      return { element: toSpoiler() };
    case 'text_link':
      return { element: toLink(entity.url) };
    case 'url':
      return { element: toLink(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`) };
    case 'email':
      return { element: toLink(`mailto:${text}`) };
    case 'bot_command':
      return { element: el('button', { type: 'button', class: 'command', on: { click: () => source.onCommand?.(text) } }) };
    default:
      return { element: el('span', { class: `entity entity-${entity.type}` }) };
  }
}

function toLink(address) {
  const isSafe = /^(?:https?:\/\/|mailto:)/i.test(address);
  return isSafe
    ? el('a', { href: address, target: '_blank', rel: 'noopener noreferrer' })
    : el('span', { class: 'entity entity-link', title: address });
}

function toCodeBlock(entity) {
  const content = el('code');
  const pre = el('pre', {}, content);
  const element = entity.language ? el('div', { class: 'code-block' }, el('span', { class: 'code-language' }, entity.language), pre) : pre;
  return { element, content };
}

function toExpandable(text) {
  const content = el('div', { class: 'quote-body' });
  const isLong = text.split('\n').length > 3 || text.length > 180;
  const element = el('blockquote', { class: isLong ? 'is-folded' : '' }, content);
  if (isLong) {
    const toggle = el('button', { type: 'button', class: 'quote-toggle', 'aria-expanded': 'false' }, 'Show more');
    toggle.addEventListener('click', () => {
      const isFolded = element.classList.toggle('is-folded');
      toggle.setAttribute('aria-expanded', String(!isFolded));
      toggle.textContent = isFolded ? 'Show more' : 'Show less';
    });
    element.append(toggle);
  }
  return { element, content };
}

function toSpoiler() {
  const element = el('span', { class: 'spoiler', role: 'button', tabindex: '0', 'aria-label': 'Hidden text' });
  const reveal = () => {
    element.classList.add('is-revealed');
    element.removeAttribute('aria-label');
  };
  element.addEventListener('click', reveal);
  element.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' || event.key === ' ') reveal();
  });
  return element;
}
