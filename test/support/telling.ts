import type { SandboxTelegram, SayOptions } from '../../src/sandbox/telegram.ts';
import type { Message } from '../../src/sandbox/wire.ts';
import { CHATS } from '../../src/sandbox/world.ts';
import type { TestApp } from './app.ts';

/** A task as the person who gave it sees it: its id and its one message. */
export interface GivenTask {
  taskId: string;
  chatId: number;
  messageId: number;
  /** What the person wrote. */
  request: Message;
}

/** An approval card as it stands in a chat now. */
export interface ShownCard {
  chatId: number;
  messageId: number;
  text: string;
  reference: string;
  /** The labels of its buttons, in order. */
  labels: string[];
}

type Teller = Pick<TestApp, 'telegram'>;

const TASK_ID = /^(T-\d{4}-\d\d-\d\d-\d{4,}) · /;
const REFERENCE = /\b(T[0-3]-[A-HJ-NP-Z2-9]{4,}) · T[0-3] · task /;
/** A task with a model passes through a dozen steps; on a busy machine that takes its time. */
const TASK_TIMEOUT_MS = 15_000;

export const textOf = (message: Message | undefined): string => message?.text ?? message?.caption ?? '';

/** Somebody writes `/task …`; resolves with the message that acknowledges it. */
export async function giveTask(
  { telegram }: Teller,
  personaId: number,
  goal: string,
  { chatId = personaId, ...options }: SayOptions & { chatId?: number } = {},
): Promise<GivenTask> {
  const request = telegram.say(personaId, chatId, `/task ${goal}`, options);
  return waitForTask({ telegram }, request);
}

/** The message that acknowledges a request for a task. */
export async function waitForTask({ telegram }: Teller, request: Message): Promise<GivenTask> {
  const chatId = request.chat.id;
  const message = await telegram.waitForMessage(chatId, (answer) => isReplyTo(answer, request) && TASK_ID.test(textOf(answer)), {
    timeoutMs: TASK_TIMEOUT_MS,
    what: `the acknowledgement of ${JSON.stringify(textOf(request).slice(0, 60))}`,
  });
  return { taskId: TASK_ID.exec(textOf(message))?.[1] ?? '', chatId, messageId: message.message_id, request };
}

const isReplyTo = (answer: Message, asked: Message): boolean =>
  answer.from?.is_bot === true && answer.reply_to_message?.message_id === asked.message_id;

/** Waits until the task's message says this, and answers with its text. */
export async function waitForTaskText(
  { telegram }: Teller,
  task: GivenTask,
  words: string | RegExp,
  { timeoutMs = TASK_TIMEOUT_MS }: { timeoutMs?: number } = {},
): Promise<string> {
  const read = () => textOf(telegram.message(task.chatId, task.messageId));
  const fits = (text: string): boolean => (typeof words === 'string' ? text.includes(words) : words.test(text));
  try {
    return await telegram.waitFor(() => (fits(read()) ? read() : null), { timeoutMs });
  } catch (cause) {
    throw new Error(`the message of ${task.taskId} never said ${words}; it says:\n${read()}`, { cause });
  }
}

export const waitForDone = (app: Teller, task: GivenTask): Promise<string> => waitForTaskText(app, task, '\n✅ done\n');

/** Every message of a chat that answers this one. */
export function listReplies({ telegram }: Teller, asked: Pick<Message, 'chat' | 'message_id'>): Message[] {
  return telegram.history(asked.chat.id).filter((message) => message.reply_to_message?.message_id === asked.message_id);
}

/** Somebody writes; resolves with the bot's first answer to it. */
export async function ask(
  { telegram }: Teller,
  personaId: number,
  text: string,
  options: SayOptions & { chatId?: number } = {},
): Promise<Message> {
  const { chatId = personaId, ...rest } = options;
  const said = telegram.say(personaId, chatId, text, rest);
  return telegram.waitForMessage(chatId, (answer) => isReplyTo(answer, said), {
    timeoutMs: TASK_TIMEOUT_MS,
    what: `an answer to ${JSON.stringify(text.slice(0, 60))}`,
  });
}

/** The text of an answer that may come as a message or, when it is long, as a file. */
export function readAnswer({ telegram }: Teller, answer: Message): string {
  const { document } = answer;
  const file = document === undefined ? '' : new TextDecoder().decode(telegram.fileBytes(document.file_id));
  return [textOf(answer), file].filter(Boolean).join('\n');
}

export interface CardOptions {
  /** The admin group when absent. */
  chatId?: number;
  /** What the card has to say; without it, that it can be decided. */
  says?: string | RegExp;
  /** A card with this reference is too old. */
  after?: string;
}

/** Every card about a task in a chat, as each stands now, oldest first. */
export function listCards(telegram: SandboxTelegram, { taskId }: Pick<GivenTask, 'taskId'>, chatId: number = CHATS.admin.id): ShownCard[] {
  return telegram.history(chatId).flatMap((message) => {
    const text = textOf(message);
    const reference = REFERENCE.exec(text)?.[1];
    if (reference === undefined || !text.includes(taskId)) return [];
    const labels = message.reply_markup?.inline_keyboard.flat().map((button) => button.text) ?? [];
    return [{ chatId, messageId: message.message_id, text, reference, labels }];
  });
}

export const findCard = (telegram: SandboxTelegram, task: Pick<GivenTask, 'taskId'>, chatId?: number): ShownCard | null =>
  listCards(telegram, task, chatId).at(-1) ?? null;

/** The card of a task's gate, once it can be decided or says what is asked for. */
export async function waitForCard({ telegram }: Teller, task: Pick<GivenTask, 'taskId'>, options: CardOptions = {}): Promise<ShownCard> {
  const { chatId = CHATS.admin.id, says, after } = options;
  const fits = (card: ShownCard): boolean => {
    if (card.reference === after) return false;
    if (says === undefined) return card.labels.includes('❌ Reject');
    return typeof says === 'string' ? card.text.includes(says) : says.test(card.text);
  };
  const find = (): ShownCard | null => {
    const card = findCard(telegram, task, chatId);
    return card !== null && fits(card) ? card : null;
  };
  try {
    return await telegram.waitFor(find, { timeoutMs: TASK_TIMEOUT_MS });
  } catch (cause) {
    throw new Error(`no such card of ${task.taskId}; the newest says:\n${findCard(telegram, task, chatId)?.text ?? '(none)'}`, { cause });
  }
}

/** Presses a button of a card and answers with the word that the person sees. */
export async function pressCard({ telegram }: Teller, personaId: number, card: ShownCard, label: string): Promise<string> {
  return (await telegram.press(personaId, card.chatId, card.messageId, label, { timeoutMs: TASK_TIMEOUT_MS })).text ?? '';
}

/** Presses Reject or Edit and answers the question that follows. */
export async function replyThroughCard(
  app: Teller,
  personaId: number,
  card: ShownCard,
  { label, text, ...options }: { label: 'Reject' | 'Edit'; text: string } & SayOptions,
): Promise<Message> {
  const { telegram } = app;
  const before = telegram.lastMessage(card.chatId)?.message_id ?? 0;
  await pressCard(app, personaId, card, label);
  const question = await telegram.waitForMessage(
    card.chatId,
    (message) => message.message_id > before && message.reply_to_message?.message_id === card.messageId && message.from?.is_bot === true,
    { what: `the question after ${label}` },
  );
  return ask(app, personaId, text, { chatId: card.chatId, replyTo: question.message_id, ...options });
}

/** Asks again until the look has an answer: the database tells nobody when it changes. */
export async function until<T>(
  look: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  { timeoutMs = TASK_TIMEOUT_MS, what = look.toString() }: { timeoutMs?: number; what?: string } = {},
): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadlineMs) throw new Error(`waited ${timeoutMs} ms in vain for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** What has been published, as text. */
export const listPublished = ({ telegram }: Teller): string[] => telegram.history(CHATS.signals.id).map(textOf);
