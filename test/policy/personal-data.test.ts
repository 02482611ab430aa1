import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { maskPersonalData, redactPersonalData, unmask, type Vault } from '../../src/policy/guards/pii.ts';
import { cpuMs } from './cpu-time.ts';

/** Keys are put together here, so that no scanner takes this file for a leak. */
const key = (...parts: string[]) => parts.join('');
const SEED = 'legal winner thank year wave sausage worth useful legal winner thank yellow';

const MASKED: readonly [what: string, text: string, masked: string][] = [
  ['an email', 'write to ann.b+x@example.co.uk.', 'write to [email-1].'],
  ['an email in angle brackets', 'Ann <a_1@b.io>', 'Ann <[email-1]>'],
  ['an email with other letters', 'почта: иван@пример.рф', 'почта: [email-1]'],
  ['two people', 'a@b.io and c@d.io and a@b.io', '[email-1] and [email-2] and [email-1]'],
  ['an international phone', 'call +44 20 7946 0958 now', 'call [phone-1] now'],
  ['a made-up phone', 'call +1 555 123 4567', 'call [phone-1]'],
  ['a phone in one piece', '+79161234567', '[phone-1]'],
  ['a phone before a date', '+998 90 123 45 67 2025-09-28', '[phone-1] 2025-09-28'],
  ['an American phone', '(415) 555-2671', '[phone-1]'],
  ['a Russian phone', '8 (916) 123-45-67', '[phone-1]'],
  ['a British mobile', '07400 123456', '[phone-1]'],
  ['a phone by its name', 'tel: 5551234', 'tel: [phone-1]'],
  ['a card', 'card 4111 1111 1111 1111, exp 12/28', 'card [card-1], exp 12/28'],
  ['a card in one piece', '5500000000000004', '[card-1]'],
  ['an Amex card', '3782-822463-10005', '[card-1]'],
  ['an IBAN in groups', 'DE89 3704 0044 0532 0130 00 USD 500', '[iban-1] USD 500'],
  ['an IBAN in small letters', 'gb82west12345698765432', '[iban-1]'],
  ['an IPv4 address', 'from 203.0.113.17:8080.', 'from [ip-1]:8080.'],
  ['an IPv6 address', 'from 2001:db8::8a2e:370:7334.', 'from [ip-1].'],
  ['a short IPv6 address', '[fe80::1]:443', '[[ip-1]]:443'],
  ['a BTC address', '1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '[wallet-1]'],
  ['a bech32 BTC address', 'bc1qxy2kgdygjrsqtzq2n0yrf2493p83kkfjhx0wlh', '[wallet-1]'],
  ['an ETH address', '0xde0B295669a9FD93d5F28D9Ec85E40f4cb697BAe', '[wallet-1]'],
  ['a TON address', 'to EQCxE6mUtQJKFnGfaROTKOt1lZbDiiX1kCixRv7Nw2Id_sDs!', 'to [wallet-1]!'],
  ['a raw TON address', '0:b113a994b5024a16719f69139328eb759596c38a25f59028b146fecdc3621dfe', '[wallet-1]'],
  ['a TRON address', 'TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t', '[wallet-1]'],
  ['a seed phrase', `my words: ${SEED}`, 'my words: [secret-1]'],
  [
    'a numbered seed phrase',
    SEED.split(' ')
      .map((word, index) => `${index + 1}. ${word}`)
      .join('\n'),
    '1. [secret-1]',
  ],
  ['an OpenAI key', key('sk-', 'proj-abcdEFGH1234567890abcdEFGH'), '[secret-1]'],
  ['an AWS key', key('AKIA', 'IOSFODNN7EXAMPLE'), '[secret-1]'],
  ['a GitHub token', key('ghp_', '16C7e42F292c6912E7710c838347Ae178B4a'), '[secret-1]'],
  ['a Slack token', key('xoxb-', '123456789012-abcdefGHIJKL'), '[secret-1]'],
  [
    'a bot token in a URL',
    key('https://api.telegram.org/bot123456789:', 'AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw0', '/getMe'),
    'https://api.telegram.org/bot[secret-1]/getMe',
  ],
  ['a web token', key('eyJhbGciOiJIUzI1NiJ9', '.eyJyb2xlIjoiYWdzIn0', '.c2lnbmF0dXJl'), '[secret-1]'],
  ['a password', 'password: x', 'password: [secret-1]'],
  ['a password in a sentence', 'my password is hunter2, ok?', 'my password is [secret-1], ok?'],
  ['a password in another language', 'пароль: qwerty', 'пароль: [secret-1]'],
  ['a secret in JSON', '{"secret": "s3 cr;et", "symbol": "XAUUSD"}', '{"secret": "[secret-1]", "symbol": "XAUUSD"}'],
  ['a secret in an environment file', 'DB_PASSWORD=hunter2', 'DB_PASSWORD=[secret-1]'],
  ['a login in a URL', 'postgres://bob:pw1@db/x', 'postgres://[secret-1]@db/x'],
  ['a private key', key('-----BEGIN ', 'PRIVATE KEY-----\nMIIB\n-----END ', 'PRIVATE KEY-----\nrest'), '[secret-1]\nrest'],
  ['half a private key', key('-----BEGIN ', 'PRIVATE KEY-----\nMIIB'), '[secret-1]'],
  ['a password that looks like an email', 'password: a@b.io', 'password: [secret-1]'],
];

/** What traders write all day, and our own identifiers. */
const READABLE = [
  'XAUUSD 2345.67 TP 2360.50 SL 2338.00 R:R 1:2.5',
  'BTCUSDT 64,250.10 -> 65,000 (+1.5%), +12000 pips, +1500000000 USDT',
  'buy@1.0850, 50000-55000-60000, range 1950.50-2000.00',
  'call 1950.50 2000.00, put 1 000 000 000',
  'order 1234567890123456, order 7000123412341234, order 4111222233334444',
  'DE00370400440532013000',
  'a profit of +12025550143 USDT, or +12025550143%',
  'T-2025-09-28-0012 T-2025-09-28-0012/critic T3-7F3K',
  'T-2025-09-28-0012:research:0123456789abcdef',
  'supa://tasks/T-2025-09-28-0012/act.md',
  'sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  '550e8400-e29b-41d4-a716-446655440000',
  'tg:1234567890, user 987654321, chat -1001234567890/17',
  '@everyone @ann_trader',
  '2025-09-28T08:45:17Z, 28.09.2025 12:30:45, 09/28/2025, 05-10-2025 10:30',
  'v1.2.3, 1.2.3-beta.4, 127.0.0.1, ::1, std::vector',
  'token: TON, pass: 7/9, critic>=0.8, task_tokens: 60000, the password is required',
  'https://t.me/channel/123',
  'you must have enough time and energy to use this tool well',
];

describe('personal data become placeholders', () => {
  test.each(MASKED)('%s', (_what, text, expected) => {
    const masked = maskPersonalData(text);
    expect(masked.text).toBe(expected);
    expect(unmask(masked.text, masked.vault)).toBe(text);
  });
});

test.each(READABLE)('stays readable: %s', (text) => {
  expect(maskPersonalData(text)).toEqual({ text, vault: {} });
});

describe('one vault', () => {
  test('names the same value the same in a later text', () => {
    const first = maskPersonalData('a@b.io');
    const second = maskPersonalData('c@d.io, a@b.io', first.vault);
    expect(second).toEqual({ text: '[email-2], [email-1]', vault: { '[email-1]': 'a@b.io', '[email-2]': 'c@d.io' } });
    expect(first.vault).toEqual({ '[email-1]': 'a@b.io' });
  });

  test('is plain data', () => {
    const { text, vault } = maskPersonalData('a@b.io +79161234567');
    expect(unmask(text, JSON.parse(JSON.stringify(vault)) as Vault)).toBe('a@b.io +79161234567');
  });
});

describe('a placeholder that somebody typed', () => {
  const vault = { '[email-1]': 'owner@example.org' };

  test('does not become another person’s data', () => {
    const masked = maskPersonalData('send it to [email-1] and x@y.io', vault);
    expect(masked.text).toBe('send it to [literal-1] and [email-2]');
    expect(unmask(masked.text, masked.vault)).toBe('send it to [email-1] and x@y.io');
  });

  test('stays what it is in a text that was made from a masked one', () => {
    const masked = maskPersonalData('Dear [email-1], x@y.io', vault, { isMasked: true });
    expect(masked.text).toBe('Dear [email-1], [email-2]');
    expect(unmask(masked.text, masked.vault)).toBe('Dear owner@example.org, x@y.io');
  });

  test('is not promised to the next person, not even in a masked text', () => {
    const answer = maskPersonalData('Dear [email-2]', vault, { isMasked: true });
    const later = maskPersonalData('x@y.io', answer.vault);
    expect(later.text).toBe('[email-2]');
    expect(unmask(answer.text, later.vault)).toBe('Dear [email-2]');
  });

  test('that nobody knows is left alone', () => {
    expect(unmask('[email-7] [constructor-1] [toString]', vault)).toBe('[email-7] [constructor-1] [toString]');
  });
});

test('for logs the kind alone stands there', () => {
  expect(redactPersonalData('a@b.io asked from 203.0.113.17 about [email-1]')).toBe('[email] asked from [ip] about [email-1]');
});

describe('for any text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }),
    fc.constantFrom(
      '[email-1]',
      '[email-',
      '-1]',
      '[literal-1]',
      'a@b.io',
      '+79161234567',
      '4111111111111111',
      'password: ',
      '[',
      ']',
      '[secret-2]',
      '203.0.113.17',
      SEED,
    ),
  );
  const text = fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(''));

  test('unmasking gives it back exactly', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const { text: masked, vault } = maskPersonalData(raw);
        expect(unmask(masked, vault)).toBe(raw);
      }),
      { numRuns: 1500 },
    );
  });

  test('also with what an earlier text left in the vault, and both stay right', () => {
    fc.assert(
      fc.property(text, text, (earlier, raw) => {
        const first = maskPersonalData(earlier);
        const second = maskPersonalData(raw, first.vault);
        expect(unmask(second.text, second.vault)).toBe(raw);
        expect(unmask(first.text, second.vault)).toBe(earlier);
      }),
      { numRuns: 800 },
    );
  });

  test('an email between blanks is always hidden', () => {
    const word = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const email = fc
      .tuple(word, fc.constantFrom('.', '_', '-', '+', ''), word, word)
      .map(([a, sign, b, host]) => `${a}${sign}${b}@${host}.org`);
    fc.assert(
      fc.property(text, email, text, (before, address, after) => {
        expect(maskPersonalData(`${before} ${address} ${after}`).text).not.toContain(address);
      }),
      { numRuns: 500 },
    );
  });
});

const HOSTILE: readonly [what: string, text: string][] = [
  ['one letter', 'a'],
  ['digits', '1'],
  ['digits with gaps', '4 '],
  ['plus signs', '+1 '],
  ['phones', '+12025550143 '],
  ['phones without end', '+7 9 1 6 1 2 3 4 5 6 7 '],
  ['at signs', 'a@'],
  ['domains', 'a@a.a.a.'],
  ['colons', 'a:'],
  ['dots', '1.'],
  ['web tokens that never end', 'eyJaaaaaaaaaa.'],
  ['the word password', 'password:'],
  ['seed words', 'legal '],
  ['keys that begin', '-----BEGIN PRIVATE KEY-----'],
  ['IBANs that begin', 'DE89 '],
  ['base58', `${'A'.repeat(30)} `],
  ['logins', '://a:'],
  ['placeholders', '[email-1]'],
  ['emoji', '😀'],
];

test.each(HOSTILE)('160,000 characters of %s take no longer than their length', (_what, piece) => {
  const measure = (length: number) => {
    const text = piece.repeat(Math.ceil(length / piece.length));
    const times = [1, 2].map(() => {
      return cpuMs(() => maskPersonalData(text));
    });
    return Math.min(...times);
  };
  measure(2000);
  // Eight times the length: linear work takes 8 times as long, quadratic 64 times. The constant forgives short measurements.
  expect(measure(160_000)).toBeLessThan(measure(20_000) * 24 + 60);
});
