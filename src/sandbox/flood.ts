import { refuseFlood } from './refusal.ts';

interface Bucket {
  tokens: number;
  at: number;
}

/** Bursts are borne, then about one message a second per chat and twenty a minute per group, as Telegram's FAQ for bots has it. */
const PER_CHAT = { capacity: 5, perSecond: 1 };
const PER_GROUP = { capacity: 20, perSecond: 20 / 60 };

export interface FloodLimiter {
  isOn: boolean;
  /** Throws Telegram's 429 when the chat has had too much. */
  charge(chatId: number): void;
}

export function makeFloodLimiter({ clock }: { clock: () => Date }): FloodLimiter {
  const buckets = new Map<string, Bucket>();
  const take = (key: string, { capacity, perSecond }: { capacity: number; perSecond: number }): void => {
    const now = clock().getTime() / 1000;
    const last = buckets.get(key) ?? { tokens: capacity, at: now };
    const tokens = Math.min(capacity, last.tokens + (now - last.at) * perSecond);
    if (tokens < 1) refuseFlood(Math.ceil((1 - tokens) / perSecond));
    buckets.set(key, { tokens: tokens - 1, at: now });
  };
  return {
    isOn: false,
    charge(chatId) {
      if (!this.isOn) return;
      if (chatId < 0) take(`group ${chatId}`, PER_GROUP);
      take(`chat ${chatId}`, PER_CHAT);
    },
  };
}
