import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type ChatRef, parseChatRef } from '../domain/message.ts';
import { Secret } from './secret.ts';

/**
 * The kinds of values that a variable can hold. Each reads one text and answers with a complete value or with a sentence that says
 * what was expected, what came and what to do. A secret's sentence never repeats what came.
 */
type Reading<T> = { value: T } | { problem: string };

function field<T>(read: (text: string) => Reading<T>) {
  return z.string().transform((text, context): T => {
    const reading = read(text);
    if ('value' in reading) return reading.value;
    context.addIssue({ code: 'custom', message: reading.problem });
    return z.NEVER;
  });
}

/** Quotes what came, shortened, with control characters made visible. */
function quote(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

export const text = z.string();

export const secret = (pattern: RegExp, expected: string) =>
  field((text) => (pattern.test(text) ? { value: new Secret(text) } : { problem: `expected ${expected}; the value is not shown` }));

export const anySecret = secret(/^\S+$/, 'one word without blanks');

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

function tryUrl(text: string): URL | null {
  return URL.canParse(text) ? new URL(text) : null;
}

/**
 * The base address of an HTTP service, without a trailing slash. `isSecure` asks for https, except on this machine. Logins belong
 * into the variable of the key, where they are known to be secret.
 */
export const httpUrl = ({ example, isSecure = false }: { example: string; isSecure?: boolean }) =>
  field((text): Reading<string> => {
    const url = tryUrl(text);
    if (url === null || !/^https?:$/.test(url.protocol)) return { problem: `expected an address such as ${example}` };
    if (url.username || url.password) return { problem: 'expected an address without a login; the value is not shown' };
    if (url.search || url.hash) return { problem: `expected an address without ? and #, such as ${example}` };
    if (isSecure && url.protocol === 'http:' && !LOOPBACK.test(url.hostname)) {
      return { problem: `expected https (http only on this machine), got ${quote(text)}` };
    }
    return { value: url.href.replace(/\/+$/, '') };
  });

/** An address with a login in it, therefore a secret as a whole. */
export const secretUrl = (schemes: string[], { example, refuse = () => null }: { example: string; refuse?: (url: URL) => string | null }) =>
  field((text): Reading<Secret> => {
    const url = tryUrl(text);
    if (url === null || !schemes.includes(url.protocol))
      return { problem: `expected an address such as ${example}; the value is not shown` };
    const problem = refuse(url);
    return problem === null ? { value: new Secret(text) } : { problem };
  });

/** Accounts through which Telegram shows channels, linked channels and anonymous admins: many people, so nobody. */
const NOT_A_PERSON = new Set([777_000, 1_087_968_824, 136_817_688]);

function toUserIdProblem(text: string): string | null {
  if (/^-\d+$/.test(text)) return `${quote(text)} is a chat, not a person`;
  if (!/^[1-9]\d{0,14}$/.test(text))
    return `${quote(text)} is not a numeric Telegram id (ask a bot such as @userinfobot, or send /start to this one)`;
  return NOT_A_PERSON.has(Number(text)) ? `${text} is Telegram’s own account for anonymous senders, not a person` : null;
}

/** `111, 112`: numeric user ids; the same one twice counts once. */
export const userIds = field((text): Reading<number[]> => {
  const items = text.split(',').map((item) => item.trim());
  const problems = items.map(toUserIdProblem).filter((problem) => problem !== null);
  if (problems.length > 0) return { problem: `expected numeric user ids with commas, such as 111,112: ${problems.join('; ')}` };
  return { value: [...new Set(items.map(Number))] };
});

export const chat = field((text): Reading<ChatRef> => {
  try {
    const ref = parseChatRef(text);
    if (ref.chatId !== 0 && ref.topicId !== 0) return { value: ref };
  } catch (error) {
    // parseChatRef says the same for every text that it cannot read; anything else is a fault of ours.
    if (!(error instanceof TypeError)) throw error;
  }
  return { problem: `expected a chat id such as -1001234567890 or, with a topic, -1001234567890/17, got ${quote(text)}` };
});

export const port = field((text): Reading<number> => {
  const isPort = /^\d{1,5}$/.test(text) && Number(text) <= 65_535;
  return isPort ? { value: Number(text) } : { problem: `expected a whole number from 0 to 65535, got ${quote(text)}` };
});

export const host = field(
  (text): Reading<string> =>
    /^[A-Za-z0-9.:_-]{1,253}$/.test(text)
      ? { value: text }
      : { problem: `expected an address such as 127.0.0.1 or 0.0.0.0, got ${quote(text)}` },
);

export const timezone = field((text): Reading<string> => {
  try {
    return { value: new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone };
  } catch {
    // The only thing that can go wrong here is a name that this Node does not know.
    return { problem: `expected a time zone such as UTC or Europe/Berlin, got ${quote(text)}` };
  }
});

export const anchorUrl = field((text): Reading<string> => {
  const url = tryUrl(text);
  const isUsable =
    url !== null && ((url.protocol === 's3:' && url.hostname !== '') || (url.protocol === 'file:' && isAbsolute(url.pathname)));
  return isUsable ? { value: text } : { problem: `expected s3://bucket/path or file:///path, got ${quote(text)}` };
});

export const tonWallet = field(
  (text): Reading<string> =>
    /^(?:[A-Za-z0-9_+/-]{48}|-?\d:[0-9a-fA-F]{64})$/.test(text)
      ? { value: text }
      : { problem: `expected a TON address of 48 characters or the raw form 0:<64 hex digits>, got ${quote(text)}` },
);

export const oneOf = <const T extends readonly string[]>(choices: T) =>
  field((text): Reading<T[number]> => {
    const choice = choices.find((item) => item === text);
    return choice === undefined ? { problem: `expected one of ${choices.join(', ')}, got ${quote(text)}` } : { value: choice };
  });
