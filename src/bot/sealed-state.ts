import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { z } from 'zod';
import { toAppError } from '../errors.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { Logger } from '../telemetry/log.ts';

/** What `@grammyjs/conversations` asks of a storage. */
export interface StateStorage<S> {
  read(key: string): Promise<S | undefined>;
  write(key: string, state: S): Promise<void>;
  delete(key: string): Promise<void>;
}

export interface SealedStateOptions {
  shortTerm: ShortTerm;
  botToken: string;
  ttlSeconds: number;
  log: Pick<Logger, 'warn'>;
}

const Sealed = z.object({ iv: z.base64(), tag: z.base64(), text: z.base64() });
const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;

/**
 * Keeps an open question in short-term memory, encrypted: it holds what a person wrote, and raw personal data may not stand there. The
 * key comes from the bot's token, so that every process of the same bot reads it, and a restart loses nothing. It is read for every
 * message: while the memory does not answer there is no open question, and commands go on working.
 */
export function makeSealedState<S>({ shortTerm, botToken, ttlSeconds, log }: SealedStateOptions): StateStorage<S> {
  const secretKey = Buffer.from(hkdfSync('sha256', botToken, '', 'conversation state', KEY_BYTES));

  async function tryGet(key: string): Promise<unknown> {
    try {
      return await shortTerm.get(key);
    } catch (thrown) {
      log.warn({ err: toAppError(thrown) }, 'an open question cannot be read, passed over');
      return null;
    }
  }

  return {
    async read(key) {
      const sealed = Sealed.safeParse(await tryGet(key));
      const text = sealed.success ? open(sealed.data, secretKey) : null;
      // Only this program has the key: what opens is what `write` was given.
      return text === null ? undefined : (JSON.parse(text) as S);
    },
    write: (key, state) => shortTerm.put(key, seal(JSON.stringify(state), secretKey), ttlSeconds),
    delete: (key) => shortTerm.delete(key),
  };
}

function seal(text: string, secretKey: Buffer): z.infer<typeof Sealed> {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, secretKey, iv);
  const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), text: sealed.toString('base64') };
}

/** Null for what was sealed with another token, or was changed: the question is then forgotten, nothing else is lost. */
function open({ iv, tag, text }: z.infer<typeof Sealed>, secretKey: Buffer): string | null {
  const decipher = createDecipheriv(ALGORITHM, secretKey, Buffer.from(iv, 'base64'));
  decipher.setAuthTag(Buffer.from(tag, 'base64'));
  try {
    return Buffer.concat([decipher.update(Buffer.from(text, 'base64')), decipher.final()]).toString('utf8');
  } catch {
    return null;
  }
}
