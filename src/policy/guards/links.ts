/** Links that a text would carry, with what a reader sees of them and what speaks against them. */
export type LinkProblem = 'disguised' | 'scheme' | 'user_info' | 'look_alike_host' | 'ip_host' | 'long_query' | 'unreadable';

export interface Link {
  url: string;
  /** Lower case, without `www.`; null when there is none. */
  host: string | null;
  /** The words that carry the link; null when the address itself is what one sees. */
  visibleText: string | null;
  problems: LinkProblem[];
}

/** The parts of a Telegram entity that matter here. */
export interface LinkEntity {
  type: string;
  offset: number;
  length: number;
  url?: string | undefined;
}

const MARKDOWN_LINK =
  /(?<image>!?)\[(?<words>[^\][\n]{0,300})\]\(\s{0,3}<?(?<target>(?:[^\s()<>]|\([^\s()<>]{0,200}\)){1,2000})>?(?:\s[^()\n]{0,200})?\)/g;
const ADDRESS = /(?<![\w@])(?:[a-z][a-z0-9+.-]{1,20}:\/\/|www\.)[^\s<>"'`\]|)]{1,2000}/gi;
/** Telegram makes a link of a bare domain; these endings are the ones that are more than a file's name. */
const ENDINGS =
  'com|net|org|io|me|app|dev|info|biz|xyz|top|site|online|shop|club|link|live|pro|finance|exchange|click|icu|store|space|website|fun|win|bet|vip|tech|cloud|page|network|money|cash|trade|trading|gift|ru|su|ua|by|kz|uk|de|fr|es|it|nl|eu|us|ca|cn|in|br|tr|ch|co|cc|tv|gg|ai|ly|to|tk|ml|ga|cf|gq|ws|pw|gl|рф';
const BARE_DOMAIN = new RegExp(
  `(?<![\\p{L}\\p{N}_@./:-])(?:[\\p{L}\\p{N}](?:[\\p{L}\\p{N}-]{0,61}[\\p{L}\\p{N}])?\\.){1,6}(?:${ENDINGS})(?![\\p{L}\\p{N}_-]|\\.[\\p{L}\\p{N}_])(?:[/?#][^\\s<>"'\`\\]|)]{0,2000})?`,
  'giu',
);

const SCHEMES: ReadonlySet<string> = new Set(['https:', 'http:', 'tg:', 'mailto:', 'ton:']);
/** Longer than any address that people share, long enough to carry data out. */
const MAX_QUERY_CHARACTERS = 200;

/** Links of a plain or Markdown text, and of its entities. What stands inside a Markdown link's target is not listed again. */
export function listLinks(text: string, entities: readonly LinkEntity[] = []): Link[] {
  const links = entities.flatMap(({ type, offset, length, url }) =>
    type === 'text_link' && url ? [toLink(url, text.slice(offset, offset + length))] : [],
  );
  const rest = blankOut(
    text,
    entities.filter(({ type }) => type === 'text_link'),
  ).replace(MARKDOWN_LINK, (...match) => {
    // With named groups, replace passes them as the last argument.
    const { words = '', target = '' } = match.at(-1) as { words?: string; target?: string };
    links.push(toLink(target, words));
    return ' '.repeat(match[0].length);
  });
  const bare = rest.replace(ADDRESS, (address) => {
    links.push(toLink(address.replace(/[.,;:!?]+$/, ''), null));
    return ' '.repeat(address.length);
  });
  for (const [domain] of bare.matchAll(BARE_DOMAIN)) links.push(toLink(domain.replace(/[.,;:!?]+$/, ''), null));
  return links;
}

function blankOut(text: string, entities: readonly LinkEntity[]): string {
  return entities.reduce((rest, { offset, length }) => rest.slice(0, offset) + ' '.repeat(length) + rest.slice(offset + length), text);
}

/** Pictures inside a picture's description, as deep as they are taken apart; deeper ones only lose their mark. */
const MAX_IMAGE_DEPTH = 3;

/** Markdown pictures become their description: whoever draws the text would fetch the address, and so could be told things. */
export function stripMarkdownImages(text: string): string {
  let stripped = text;
  for (let depth = 0; depth < MAX_IMAGE_DEPTH; depth += 1) {
    const before = stripped;
    stripped = before.replace(MARKDOWN_LINK, (...match) => {
      const { image = '', words = '' } = match.at(-1) as { image?: string; words?: string };
      return image ? words : match[0];
    });
    if (stripped === before) return stripped;
  }
  return stripped.replace(/!+\[/g, '[');
}

function toLink(target: string, visibleText: string | null): Link {
  const url = toUrl(target);
  if (!url) return { url: target, host: null, visibleText, problems: ['unreadable'] };
  const host = toHost(url);
  const isDisguised = visibleText !== null && seemsElsewhere(visibleText, url);
  const problems: LinkProblem[] = [
    ...(isDisguised ? (['disguised'] as const) : []),
    ...(SCHEMES.has(url.protocol) ? [] : (['scheme'] as const)),
    ...(url.username || url.password ? (['user_info'] as const) : []),
    ...(/(?:^|\.)xn--/.test(url.hostname) ? (['look_alike_host'] as const) : []),
    ...(/^(?:[\d.]+|\[.*\])$/.test(url.hostname) ? (['ip_host'] as const) : []),
    ...(url.search.length + url.hash.length > MAX_QUERY_CHARACTERS ? (['long_query'] as const) : []),
  ];
  return { url: target, host, visibleText, problems };
}

function toUrl(address: string): URL | null {
  const hasScheme = /^[a-z][a-z0-9+.-]*:(?!\d)/i.test(address);
  return URL.parse(hasScheme ? address : `https://${address}`);
}

function toHost(url: URL): string | null {
  return url.hostname.toLowerCase().replace(/^www\./, '') || null;
}

const toPlace = (url: URL) => `${toHost(url)}${url.pathname.replace(/\/$/, '')}${url.search}`;

/** True when the words are an address that is not this one, or name a domain that is not this one's. */
function seemsElsewhere(words: string, url: URL): boolean {
  const shown = words.trim();
  const [first] = listLinks(shown.replace(/[[\]()]/g, ' '));
  if (!first?.host) return false;
  const shownUrl = toUrl(first.url);
  const isWhole = first.url === shown;
  if (isWhole && shownUrl && shownUrl.pathname !== '/') return toPlace(shownUrl) !== toPlace(url);
  const host = toHost(url);
  return host !== first.host && !host?.endsWith(`.${first.host}`);
}
