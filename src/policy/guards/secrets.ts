import { wordlist } from '@scure/bip39/wordlists/english.js';
import { readBase58Check } from './checksums.ts';
import { type Finder, makeFinder, type Span } from './detection.ts';

/** Keys whose form gives them away. Boundaries keep each token from being read twice. */
const TOKENS: readonly RegExp[] = [
  // OpenAI, Anthropic and the many servers that imitate them
  /(?<![\w-])sk-[\w-]{16,256}/,
  // Stripe
  /(?<![\w-])[rs]k_(?:live|test)_\w{10,200}/,
  // AWS key ids
  /(?<!\w)(?:AKIA|ASIA)[A-Z0-9]{16}(?!\w)/,
  // GitHub, GitLab, npm, Hugging Face, Supabase, Google
  /(?<!\w)(?:gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w-]{16,64}|npm_[A-Za-z0-9]{30,64}|hf_[A-Za-z0-9]{20,64})/,
  /(?<!\w)(?:sb_secret_[\w-]{10,100}|sbp_[a-f0-9]{30,64}|AIza[\w-]{35})/,
  // Slack
  /(?<!\w)(?:xox[abeoprs]|xapp)-[A-Za-z0-9-]{10,256}/,
  // Telegram bots; in a Bot API URL the number follows the word bot
  /(?<!\d)\d{6,12}:[A-Za-z0-9_-]{30,64}(?![A-Za-z0-9_-])/,
  // JSON web tokens
  /(?<![\w-])eyJ[\w-]{10,4000}\.[\w-]{10,8000}\.[\w-]{5,2000}/,
  // user and password in a URL
  /:\/\/(?<value>[^\s/:@]{0,100}:[^\s/@]{1,200})@/,
  /authorization["']?[^\S\n]{0,3}[:=][^\S\n]{0,3}["']?(?:bearer|basic|token) {1,3}(?<value>[^\s"',;]{1,4000})/i,
  /(?<!\w)Bearer (?<value>(?=[A-Za-z.~+/-]{0,300}[\d_=])[\w.~+/-]{12,4000}={0,2})/,
];

const SECRET_NAMES = [
  'passwords?',
  'passwd',
  'passcode',
  'passphrase',
  'pwd',
  'cvv',
  'cvc',
  'пароль',
  'contraseña',
  'passwort',
  'senha',
  'mot de passe',
  '(?:client|webhook|app|shared)?[_-]?secret(?:[ _-]?(?:access[ _-]?)?key)?',
  '(?:api|access|private|secret|auth|signing)[ _-]?(?:key|token|secret)',
  'bot[ _-]?token',
].join('|');

/** `password: x`, `"secret": "x"`, `API_KEY=x`: whatever stands behind the name, since a secret may look like anything. */
const NAMED = new RegExp(
  `(?<![\\p{L}\\d])(?:${SECRET_NAMES})["']?[^\\S\\n]{0,3}[:=][^\\S\\n]{0,3}(?:"(?<value>[^"\\n]{1,400})"|(?<value>[^\\s,;"'<>\`]{1,400}))`,
  'iu',
);

/** "the password is hunter2", told from "the password is required" by a digit or sign. */
const NAMED_IN_PROSE = new RegExp(
  `(?<![\\p{L}\\d])(?:${SECRET_NAMES}) is:? {1,3}["']?(?<value>(?=\\p{L}{0,100}[^\\s\\p{L}.,;"'])[^\\s,;"'<>]{1,200})`,
  'iu',
);

/** "token" is an everyday word where coins are traded, so what follows must look like a key. */
const NAMED_TOKEN = /(?<![\p{L}\d])token["']?[^\S\n]{0,3}[:=][^\S\n]{0,3}["']?(?<value>(?=[A-Za-z_.-]{0,300}\d)[\w.-]{16,400})/iu;

/** Wallet import format: base58check over a 32-byte key. */
const isWalletKey = (text: string) => [33, 34].includes(readBase58Check(text) ?? 0);
const WALLET_KEYS = [
  makeFinder(/(?<![A-Za-z0-9])[5KLc9][1-9A-HJ-NP-Za-km-z]{50,51}(?![A-Za-z0-9])/, isWalletKey),
  makeFinder(/(?<!\w)[xyz]prv[1-9A-HJ-NP-Za-km-z]{100,110}(?!\w)/),
];

const KEY_BLOCK_BEGIN = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----/;
const KEY_BLOCK_END = /-----END [A-Z ]{0,30}PRIVATE KEY-----/g;

/** From BEGIN to its END; to the end of the text where there is none, because half a key is still a key. */
function* findKeyBlocks(text: string): Iterable<Span> {
  let searchFrom = 0;
  for (const begin of text.matchAll(new RegExp(KEY_BLOCK_BEGIN, 'g'))) {
    if (begin.index < searchFrom) continue;
    KEY_BLOCK_END.lastIndex = begin.index;
    const end = KEY_BLOCK_END.exec(text);
    searchFrom = end ? end.index + end[0].length : text.length;
    yield { start: begin.index, end: searchFrom };
  }
}

const SEED_WORDS: ReadonlySet<string> = new Set(wordlist);
const SHORTEST_PHRASE = 12;
/** As many words of the list's lengths in a row, quickly told from prose. */
const LONG_ENOUGH = /(?:[A-Za-z]{3,8}[\s\d.,;:()"'-]{1,8}){11}[A-Za-z]{3,8}/;

/**
 * Twelve or more words of the BIP39 list in a row, also numbered or one a line (TON uses the same list). Prose does not have that many
 * without an "a" or "of" in between. No checksum: a phrase with a typing error is as secret.
 */
function* findSeedPhrases(text: string): Iterable<Span> {
  if (!LONG_ENOUGH.test(text)) return;
  let run: { start: number; end: number; words: number } | null = null;
  for (const match of text.matchAll(/[A-Za-z]+/g)) {
    const start = match.index;
    const end = start + match[0].length;
    const isWord = match[0].length <= 8 && SEED_WORDS.has(match[0].toLowerCase());
    const goesOn = run !== null && isWord && /^[\s\d.,;:()"'-]{1,8}$/.test(text.slice(run.end, Math.min(start, run.end + 9)));
    if (run && goesOn) {
      run.end = end;
      run.words += 1;
      continue;
    }
    if (run && run.words >= SHORTEST_PHRASE) yield run;
    run = isWord ? { start, end, words: 1 } : null;
  }
  if (run && run.words >= SHORTEST_PHRASE) yield run;
}

export const SECRET_FINDERS: readonly Finder[] = [
  findKeyBlocks,
  findSeedPhrases,
  ...TOKENS.map((pattern) => makeFinder(pattern)),
  makeFinder(NAMED),
  makeFinder(NAMED_IN_PROSE),
  makeFinder(NAMED_TOKEN),
  ...WALLET_KEYS,
];
