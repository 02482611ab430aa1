import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { beginEnrolment, confirmEnrolment } from '../../src/store/second-factor.ts';
import type { StoryDatabase } from './story-world.ts';

const STEP_MS = 30_000;

/** What an authenticator app shows, by node's own HMAC; `steps` from now, of 30 s each. */
export function codeOf(secretHex: string, steps = 0, nowMs = Date.now()): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(nowMs / STEP_MS) + steps));
  const mac = createHmac('sha1', Buffer.from(secretHex, 'hex')).update(counter).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** A code that is made as one step of time ends is read in the next: whoever counts steps begins with some of one left. */
export async function awayFromTheEnd(): Promise<void> {
  const leftMs = STEP_MS - (Date.now() % STEP_MS);
  // A timer may ring a moment early.
  if (leftMs < 5_000) await delay(leftMs + 100);
}

/** Enrols somebody and answers with the secret; the code of this moment is used up by it, the next one is free. */
export async function enrol(db: StoryDatabase, externalId: number): Promise<string> {
  await awayFromTheEnd();
  const { secret, code } = await beginEnrolment(db.rpc('ags_bot'), { externalId, chatId: externalId });
  if (secret === null) throw new Error(`${externalId} cannot enrol: ${code}`);
  const confirmed = await confirmEnrolment(db.rpc('ags_bot'), { externalId, chatId: externalId, code: codeOf(secret, -1) });
  if (confirmed.code !== null) throw new Error(`${externalId} is not enrolled: ${confirmed.code}`);
  return secret;
}
