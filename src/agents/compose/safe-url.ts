const TELEGRAM_LINK = /^tg:(?:\/\/)?([a-z0-9_-]+)\/?(\?[!-~]*)?$/i;

/**
 * A link target in the form in which Telegram keeps it, or null when it must not be a link: only http and https with a real host name and
 * without credentials, and `tg://`. Telegram drops other targets silently, and the copy would no longer be what was approved.
 */
export function toSafeUrl(href: string): string | null {
  const telegram = TELEGRAM_LINK.exec(href);
  if (telegram) return `tg://${telegram[1]?.toLowerCase()}${telegram[2] ?? '/'}`;
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  if (!isWeb || url.username !== '' || url.password !== '' || !/[^.]\.[^.]/.test(url.hostname) || url.href.length > 2048) return null;
  return url.href;
}

/** The address of a `mailto:` target without its parameters, or null. */
export function toMailAddress(href: string): string | null {
  const match = /^mailto:([^?\s]+)/i.exec(href);
  return match?.[1] === undefined ? null : decodeSafely(match[1]);
}

function decodeSafely(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    return text; // a lone percent sign: the text stands for itself
  }
}
