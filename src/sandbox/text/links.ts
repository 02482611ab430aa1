/**
 * Which words Telegram takes for links, and in which form it keeps the target of a text link. A bare word with a dot is a link when
 * its end is a top-level domain, which is why `README.md` and `main.py` become links in a chat and `main.ts` does not.
 */
const COUNTRIES =
  'ac ad ae af ag ai al am ao aq ar as at au aw ax az ba bb bd be bf bg bh bi bj bm bn bo br bs bt bw by bz ca cc cd cf cg ch ci ck cl cm cn co cr cu cv cw cx cy cz ' +
  'de dj dk dm do dz ec ee eg er es et eu fi fj fk fm fo fr ga gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy hk hm hn hr ht hu id ie il im in io iq ir is it ' +
  'je jm jo jp ke kg kh ki km kn kp kr kw ky kz la lb lc li lk lr ls lt lu lv ly ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz na nc ne nf ng ' +
  'ni nl no np nr nu nz om pa pe pf pg ph pk pl pm pn pr ps pt pw py qa re ro rs ru rw sa sb sc sd se sg sh si sk sl sm sn so sr st su sv sx sy sz tc td tf tg th ' +
  'tj tk tl tm tn to tr tt tv tw tz ua ug uk us uy uz va vc ve vg vi vn vu wf ws ye yt za zm zw';
const GENERIC =
  'aero agency app art asia auction bank bar best bet bio biz blog capital careers cash center chat church city click cloud club codes coffee com community company ' +
  'computer cool design dev digital direct directory domains earth edu education email energy engineering estate events exchange expert express finance financial fit ' +
  'foundation fun fund fyi games global gold goog google gov green group guide guru health help host house inc info int investments jobs kim land legal life limited ' +
  'link live loan lol love ltd management market marketing markets media mil mobi money movie museum name net network news ninja one online org page partners party pay ' +
  'photo photos pics place plus post press pro promo properties pub realty report rest review reviews rocks run sale school science security services shop show site ' +
  'social software solar solutions space store stream studio style support systems team tech technology tel tips today tools top town toys trade trading training ' +
  'travel tube university ventures video vip vision wiki win work works world wtf xxx xyz zip zone';
const TOP_LEVEL_DOMAINS = new Set(`${COUNTRIES} ${GENERIC}`.split(' '));

const BAD_END = /[.:;,('?!`]+$/;

/** Cuts trailing punctuation and an unbalanced bracket off a candidate; undefined when it is no link after all. */
export function toLink(candidate: string): string | undefined {
  const [, protocol = '', rest = ''] = /^((?:https?|ftp|tonsite):\/\/)?([\s\S]*)$/i.exec(candidate) ?? [];
  const domainEnd = rest.search(/[/?#]/);
  const authority = domainEnd === -1 ? rest : rest.slice(0, domainEnd);
  const path = domainEnd === -1 ? '' : balance(rest.slice(domainEnd)).replace(BAD_END, '');
  const domain = (authority.split('@').at(-1) ?? '').replace(/:\d*$/, '');
  return isDomain(domain, protocol !== '') ? protocol + authority + path : undefined;
}

/** The path up to the first closing bracket that was never opened. */
function balance(path: string): string {
  const open: Record<string, number> = { ')': 0, ']': 0, '}': 0 };
  const closing: Record<string, string> = { '(': ')', '[': ']', '{': '}' };
  for (const [index, char] of [...path].entries()) {
    const opens = closing[char];
    if (opens) open[opens] = (open[opens] ?? 0) + 1;
    else if (char in open) {
      open[char] = (open[char] ?? 0) - 1;
      if ((open[char] ?? 0) < 0) return [...path].slice(0, index).join('');
    }
  }
  return path;
}

export function isDomain(domain: string, hasProtocol: boolean): boolean {
  const parts = domain.split('.');
  if (parts.length < 2 || parts.some((part) => part === '' || part.length >= 64 || part.endsWith('-'))) return false;
  if (/^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)$/.test(domain)) return true;
  const top = (parts.at(-1) ?? '').toLowerCase();
  if (!/[^\d.]/.test(domain) || top.length <= 1 || (/[_-]/.test(top) && !/^xn--[a-z0-9]{2,}$/.test(top))) return false;
  if ((parts.at(-2) ?? '').includes('_')) return false;
  return hasProtocol || TOP_LEVEL_DOMAINS.has(top) || top.startsWith('xn--');
}

/** The target of a text link as Telegram returns it (`https://Example.com` → `https://example.com/`); undefined when it is not one. */
export function toCheckedLink(url: string): string | undefined {
  const special = /^(tg|ton|tonsite):(?:\/\/)?(.*)$/i.exec(url.trim());
  if (special) return `${special[1]?.toLowerCase()}://${special[2] ?? ''}`;
  const [, scheme = 'http://', rest = ''] = /^(https?:\/\/)?(.*)$/i.exec(url.trim()) ?? [];
  const [, authority = '', path = ''] = /^([^/?#]*)(.*)$/.exec(rest) ?? [];
  if (!/^[^\s<>"]+$/.test(authority) || !authority.includes('.')) return undefined;
  const at = authority.lastIndexOf('@') + 1;
  const host = authority.slice(0, at) + authority.slice(at).toLowerCase();
  return scheme.toLowerCase() + host + (path.startsWith('/') ? path : `/${path}`);
}
