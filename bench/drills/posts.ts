import { setTimeout as wait } from 'node:timers/promises';
import type { SandboxTelegram } from '../../src/sandbox/telegram.ts';
import type { Message } from '../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';

/** Where people write, press and read. */
interface Chats {
  telegram: SandboxTelegram;
}

/** A request for a post, as it was written: the message, and the number in its goal by which its post is known. */
export interface Asked {
  item: number;
  chatId: number;
  messageId: number;
}

const GIVERS = [PERSONAS.adam.id, PERSONAS.bella.id, PERSONAS.olivia.id, PERSONAS.oscar.id];
const ITEM = /Publish item (\d+)\b/;
/** A card that still asks after this long is pressed again, and then ever less often: presses wait for each other, and more of them help nobody. */
const PRESS_AGAIN_MS = 40_000;
const LOOK_MS = 250;

/** Somebody asks for a post; nobody waits for the answer. */
export function askForPost({ telegram }: Chats, item: number): Asked {
  const chatId = GIVERS[item % GIVERS.length] ?? PERSONAS.adam.id;
  return { item, chatId, messageId: telegram.say(chatId, chatId, `/task Publish item ${item} of the notes`).message_id };
}

/** How often each item stands in the channel: what the other side has, whatever the rows say. */
export function countPublished({ telegram }: Chats): Map<number, number> {
  const counts = new Map<number, number>();
  for (const message of telegram.history(CHATS.signals.id)) {
    const item = findItem(message);
    if (item !== null) counts.set(item, (counts.get(item) ?? 0) + 1);
  }
  return counts;
}

function findItem({ text, caption }: Message): number | null {
  const found = ITEM.exec(text ?? caption ?? '');
  return found === null ? null : Number(found[1]);
}

/** Presses Approve on the card of this item, if it stands there; gives the number of the update. */
export function approveItem({ telegram }: Chats, item: number): number | null {
  const card = telegram.history(CHATS.admin.id).findLast((message) => findItem(message) === item && findApprove(message) !== undefined);
  const data = card === undefined ? undefined : findApprove(card);
  if (card === undefined || data === undefined) return null;
  return telegram.pressRaw(PERSONAS.bella.id, CHATS.admin.id, card.message_id, data).updateId;
}

const findApprove = (message: Message): string | undefined => listData(message).find((data) => data.endsWith(':y'));

export interface Approver extends AsyncDisposable {
  /** The numbers of the updates that its presses became. */
  presses: readonly number[];
  /** Answers to "did this arrive?", by the item; one who looks into the channel first. */
  doubts: ReadonlyMap<number, 'landed' | 'again'>;
  /** Lets cards wait from now on, or answers them again. */
  hold(isHolding: boolean): void;
}

/**
 * One who approves every post as its card comes, and who answers "did this arrive?" by looking into the channel. Presses again where a
 * card still asks after a while, as people do.
 */
export function startApprover(chats: Chats): Approver {
  const closing = new AbortController();
  const pressed = new Map<string, { count: number; atMs: number }>();
  const presses: number[] = [];
  const doubts = new Map<number, 'landed' | 'again'>();
  let isHolding = false;

  function press(message: Message, data: string): void {
    const key = `${message.message_id} ${data}`;
    const { count, atMs } = pressed.get(key) ?? { count: 0, atMs: 0 };
    if (count > 0 && performance.now() - atMs < PRESS_AGAIN_MS * 2 ** (count - 1)) return;
    pressed.set(key, { count: count + 1, atMs: performance.now() });
    presses.push(chats.telegram.pressRaw(PERSONAS.bella.id, CHATS.admin.id, message.message_id, data).updateId);
  }

  function answer(message: Message): void {
    const data = listData(message);
    const approve = findApprove(message);
    if (approve !== undefined && !isHolding) press(message, approve);
    const landed = data.find((one) => /^d:.*:l$/.test(one));
    const again = data.find((one) => /^d:.*:a$/.test(one));
    const item = findItem(message);
    if (landed === undefined || again === undefined || item === null) return;
    const isThere = countPublished(chats).has(item);
    if (!doubts.has(item)) doubts.set(item, isThere ? 'landed' : 'again');
    press(message, isThere ? landed : again);
  }

  const running = (async () => {
    while (!closing.signal.aborted) {
      for (const message of chats.telegram.history(CHATS.admin.id)) answer(message);
      await wait(LOOK_MS, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  })();
  return {
    presses,
    doubts,
    hold(isNow) {
      isHolding = isNow;
    },
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running;
    },
  };
}

const listData = ({ reply_markup: markup }: Message): string[] =>
  (markup?.inline_keyboard ?? []).flat().flatMap(({ callback_data: data }) => (data === undefined ? [] : [data]));
