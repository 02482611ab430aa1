import { act, listen, load } from './api.js';
import { makeChatPane } from './chat.js';
import { toast } from './overlay.js';
import { drawChats, drawPersonas } from './sidebar.js';

const app = document.querySelector('#app');
const state = { personas: [], personaId: undefined, chats: [], chatId: undefined, view: undefined, eventCount: 0 };
let stopListening = () => undefined;

const pane = makeChatPane({
  act: (name, input) => act(name, { persona: state.personaId, ...input }),
  onBack: () => openChat(undefined),
  listChats: () => state.chats,
});
document.querySelector('[data-testid="chat"]').replaceWith(pane.element);

/** The address says who one is and where, so that two windows can be two people and a reload changes nothing. */
function readAddress() {
  const [, personaId, chatId] = /^#\/(\d+)(?:\/(-?\d+))?$/.exec(location.hash) ?? [];
  return { personaId: Number(personaId) || undefined, chatId: Number(chatId) || undefined };
}

function writeAddress() {
  const address = `#/${state.personaId}${state.chatId ? `/${state.chatId}` : ''}`;
  if (location.hash !== address) history.replaceState(null, '', address);
  const persona = state.personas.find(({ id }) => id === state.personaId);
  document.title = `${persona?.firstName ?? ''} · Dynamic AGS sandbox`;
}

function becomePersona(personaId, chatId) {
  stopListening();
  state.personaId = personaId;
  state.chatId = chatId;
  state.view = undefined;
  state.chats = [];
  drawPersonas(document.querySelector('.personas'), state.personas, personaId, (id) => becomePersona(id, state.chatId));
  writeAddress();
  const onLost = () => app.classList.add('is-offline');
  // A server that goes away while everything is loaded is one that is away: the next connection loads it again.
  stopListening = listen(personaId, { onReady: () => reload().catch(onLost), onEvent, onLost });
}

/** Loads the lists and the open chat; the first thing after every (re)connection. */
async function reload() {
  app.classList.remove('is-offline');
  const personaId = state.personaId;
  const chats = await load(`chats?persona=${personaId}`);
  if (personaId !== state.personaId) return;
  state.chats = chats;
  // Whoever becomes somebody else stays in the chat where they can; a private chat becomes the other's own.
  const wanted = state.chatId > 0 ? personaId : state.chatId;
  const isVisible = chats.some(({ id }) => id === wanted);
  const isWide = matchMedia('(min-width: 760px)').matches;
  await openChat(isVisible ? wanted : isWide ? personaId : undefined);
}

async function openChat(chatId) {
  state.chatId = chatId;
  app.dataset.pane = chatId === undefined ? 'chats' : 'chat';
  document.querySelector('.chat-empty').hidden = chatId !== undefined;
  pane.element.hidden = chatId === undefined;
  writeAddress();
  if (chatId === undefined) state.view = undefined;
  else await loadChat();
  showChats();
}

async function loadChat() {
  const { personaId, chatId, eventCount } = state;
  const view = await load(`chats/${chatId}?persona=${personaId}`);
  if (personaId !== state.personaId || chatId !== state.chatId) return;
  // What was told meanwhile may be newer than this answer, and would disappear behind it.
  if (eventCount !== state.eventCount) return loadChat();
  state.view = view;
  pane.show(view, personaId);
  markRead();
}

function showChats() {
  drawChats(document.querySelector('.chats'), state.chats, state.chatId, (id) => openChat(id).then(() => pane.focus(), report));
}

function markRead() {
  const last = state.view?.messages.at(-1)?.message;
  if (!last || document.hidden) return;
  act('read', { persona: state.personaId, chatId: last.chat.id, messageId: last.message_id }).catch(() => undefined);
}

function onEvent(event) {
  state.eventCount += 1;
  const isOpen = state.view !== undefined && event.chatId === state.view.chat.id;
  if (event.type === 'chats') {
    state.chats = event.chats;
    showChats();
    if (!event.chats.some(({ id }) => id === state.chatId)) openChat(undefined).catch(report);
    else if (state.view) pane.showTitle(event.chats.find(({ id }) => id === state.chatId));
  } else if (event.type === 'chat') {
    if (state.view && (isOpen || event.chatId === 0)) loadChat().catch(report);
  } else if (isOpen && event.type === 'message') {
    pane.put(event.view);
    markRead();
  } else if (isOpen && event.type === 'deleted') {
    pane.drop(event.messageId);
  } else if (isOpen && event.type === 'action') {
    pane.showAction(event.action);
  }
}

const report = (error) => toast(error.message, 'error');

document.addEventListener('visibilitychange', markRead);
addEventListener('hashchange', () => {
  const { personaId, chatId } = readAddress();
  if (personaId && personaId !== state.personaId) becomePersona(personaId, chatId);
  else if (chatId !== state.chatId) openChat(chatId).catch(report);
});

const world = await load('world');
state.personas = world.personas;
const address = readAddress();
const first = world.personas.find(({ role }) => role === 'operator') ?? world.personas[0];
becomePersona(world.personas.some(({ id }) => id === address.personaId) ? address.personaId : first.id, address.chatId);
