import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterOutput, inspectOutput, type OutputFindingKind } from '../../src/policy/guards/output.ts';
import { cpuMs } from './cpu-time.ts';

type Row = [what: string, text: string, clean: string, findings: [OutputFindingKind, 'changed' | 'flagged' | 'refused'][]];

const ROWS: readonly Row[] = [
  ['plain text', 'Gold is up.\n\nRead more.', 'Gold is up.\n\nRead more.', []],
  ['emoji of several parts', '👨‍👩‍👧 ❤️‍🔥 👩🏽‍💻 1️⃣', '👨‍👩‍👧 ❤️‍🔥 👩🏽‍💻 1️⃣', []],
  ['a zero-width space', 'a\u200bb', 'ab', [['invisible_characters', 'changed']]],
  ['a joiner between letters', 'a\u200db', 'ab', [['invisible_characters', 'changed']]],
  ['a Hangul filler', 'a\u3164b', 'ab', [['invisible_characters', 'changed']]],
  ['text in another order', 'pay \u202e001', 'pay 001', [['bidi_characters', 'refused']]],
  ['text in tag characters', 'ok\u{e0068}\u{e0069}', 'ok', [['tag_characters', 'refused']]],
  ['data in variation selectors', 'ok\u{e0101}\u{e0102}', 'ok', [['variation_selector_characters', 'changed']]],
  ['half a surrogate pair', 'a\ud83d', 'a', [['lone_surrogate_characters', 'changed']]],
  ['a control character', 'a\u0007b', 'ab', [['control_characters', 'changed']]],
  ['line ends of Windows', 'a\r\nb', 'a\nb', [['line_endings', 'changed']]],
  ['a letter in two parts', 'e\u0301', 'é', [['not_nfc', 'changed']]],
  ['3,000 empty lines before the point', `benign${'\n'.repeat(3000)}payload`, 'benign\n\n\npayload', [['newline_run', 'changed']]],
  [
    'empty lines with blanks and invisible signs',
    `benign${' \u200b\n'.repeat(9)}payload`,
    'benign \n \n \npayload',
    [
      ['invisible_characters', 'changed'],
      ['newline_run', 'changed'],
    ],
  ],
  ['a run of blanks', `a${' '.repeat(500)}b`, 'a b', [['space_run', 'changed']]],
  ['a picture that tells on us', 'see ![chart](https://x.example/?k=SECRET)', 'see chart', [['image', 'changed']]],
  ['a link with words', '[our site](https://a.example)', '[our site](https://a.example)', []],
  ['a link that shows its own address', '[docs.a.com](https://docs.a.com/)', '[docs.a.com](https://docs.a.com/)', []],
  [
    'a link that shows another host',
    '[paypal.com](https://evil.com/x)',
    '[paypal.com](https://evil.com/x)',
    [['link_disguised', 'flagged']],
  ],
  [
    'a link that shows another host among words',
    '[go to paypal.com now](https://evil.com)',
    '[go to paypal.com now](https://evil.com)',
    [['link_disguised', 'flagged']],
  ],
  [
    'a link that shows another page',
    '[https://a.com/x](https://a.com/y)',
    '[https://a.com/x](https://a.com/y)',
    [['link_disguised', 'flagged']],
  ],
  ['a link that runs something', '[here](javascript:alert(1))', '[here](javascript:alert(1))', [['link_scheme', 'refused']]],
  ['a link that hides its host', 'https://good.com@evil.com/', 'https://good.com@evil.com/', [['link_user_info', 'refused']]],
  ['a host of look-alike letters', 'https://аpple.com', 'https://аpple.com', [['link_look_alike_host', 'flagged']]],
  ['a number as a host', 'http://203.0.113.7/x', 'http://203.0.113.7/x', [['link_ip_host', 'flagged']]],
  [
    'an address that carries much',
    `https://a.com/?q=${'x'.repeat(300)}`,
    `https://a.com/?q=${'x'.repeat(300)}`,
    [['link_long_query', 'flagged']],
  ],
];

describe('what is sent is what one sees', () => {
  test.each(ROWS)('%s', (_what, text, clean, findings) => {
    const output = filterOutput(text);
    expect(output.text).toBe(clean);
    expect(output.findings.map(({ kind, severity }) => [kind, severity])).toEqual(findings);
    expect(output.isRefused).toBe(findings.some(([, severity]) => severity === 'refused'));
  });
});

test('lists links as people and Telegram would find them', () => {
  const { links } = filterOutput(
    '[a](https://one.com/x) https://two.com, www.three.com. four.com/y act.md @five.com T-2025-09-28-0012 1.5',
  );
  expect(links.map(({ host, visibleText }) => [host, visibleText])).toEqual([
    ['one.com', 'a'],
    ['two.com', null],
    ['three.com', null],
    ['four.com', null],
  ]);
});

describe('a text that may not change any more', () => {
  test('is refused for what would be taken out', () => {
    expect(inspectOutput('a\u200bb')).toMatchObject({ text: 'a\u200bb', isRefused: true });
  });

  test('passes when it is clean', () => {
    expect(inspectOutput('Gold is up 👩🏽‍💻')).toEqual({ text: 'Gold is up 👩🏽‍💻', isRefused: false, findings: [], links: [] });
  });

  test('shows a disguised link of an entity', () => {
    const { findings, links, isRefused } = inspectOutput('click paypal.com now', [
      { type: 'text_link', offset: 6, length: 10, url: 'https://evil.io' },
    ]);
    expect(links).toEqual([{ url: 'https://evil.io', host: 'evil.io', visibleText: 'paypal.com', problems: ['disguised'] }]);
    expect(findings).toMatchObject([{ kind: 'link_disguised', severity: 'flagged', examples: ['https://evil.io'] }]);
    expect(isRefused).toBe(false);
  });
});

describe('for any text', () => {
  const piece = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 10 }),
    fc.constantFrom(
      '![',
      '](',
      ')',
      '[',
      ']',
      '![a](b)',
      '\n',
      '\n\n\n',
      '\r',
      '\u200d',
      '\ufe0f',
      '❤',
      '😀',
      '\u0301',
      '\ud83d',
      '\ude00',
      'https://a.com',
      '(',
      ' '.repeat(50),
    ),
  );
  const text = fc.array(piece, { maxLength: 15 }).map((pieces) => pieces.join(''));

  test('cleaning it again changes nothing', () => {
    fc.assert(
      fc.property(text, (raw) => {
        const once = filterOutput(raw).text;
        expect(filterOutput(once).text).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });

  test('what comes out can be sent as UTF-8', () => {
    fc.assert(
      fc.property(text, (raw) => filterOutput(raw).text.isWellFormed()),
      { numRuns: 500 },
    );
  });
});

test.each(['![', '[a](', '[', 'a.', 'a-', 'http://', '\u200b', '\n ', ' ', '[a.com](https://b.com) '])(
  '20,000 characters of %j are read within 1 s',
  (piece) => {
    const text = piece.repeat(Math.ceil(20_000 / piece.length));
    expect(cpuMs(() => filterOutput(text))).toBeLessThan(1000);
  },
);
