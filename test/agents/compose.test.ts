import { describe, expect, it } from 'vitest';
import { composePost, toPlainText } from '../../src/agents/compose/compose-post.ts';
import { Post } from '../../src/domain/post.ts';

const TARGET = { chatId: -1001234567890, topicId: 17 };
const compose = (markdown: string) => composePost({ markdown, target: TARGET });
/** Text with each entity as [type, covered words, url or language]. */
function read(markdown: string) {
  const [part, ...more] = compose(markdown).parts;
  if (!part || more.length > 0) throw new Error(`one part expected, got ${more.length + 1}`);
  const { text, entities } = part;
  return [
    text,
    ...entities.map((e) => [e.type, text.slice(e.offset, e.offset + e.length), ...((e.url ?? e.language) ? [e.url ?? e.language] : [])]),
  ];
}

describe('markdown becomes text with entities', () => {
  it.each([
    ['bold and italic', '**a** and *b*', ['a and b', ['bold', 'a'], ['italic', 'b']]],
    ['bold italic', '***a***', ['a', ['bold', 'a'], ['italic', 'a']]],
    ['italic inside bold is cut as Telegram cuts it', '**a *b* c**', ['a b c', ['bold', 'a '], ['bold', 'b c'], ['italic', 'b']]],
    ['strikethrough', '~~a~~', ['a', ['strikethrough', 'a']]],
    ['code keeps its characters', '`a<b> *c* &amp;`', ['a<b> *c* &amp;', ['code', 'a<b> *c* &amp;']]],
    ['a code block with its language', '```ts\nlet  a;\n```', ['let  a;', ['pre', 'let  a;', 'ts']]],
    ['a heading is a bold line', '# Title\ntext', ['Title\n\ntext', ['bold', 'Title']]],
    ['code in a heading is only code', '# A `b` c', ['A b c', ['bold', 'A '], ['code', 'b'], ['bold', ' c']]],
    ['lists', '- a\n- b\n  - c\n\n3. d\n4. e', ['• a\n• b\n  • c\n\n3. d\n4. e']],
    ['a loose list', '- a\n\n  more\n- b', ['• a\nmore\n• b']],
    ['tasks', '- [ ] a\n- [x] b', ['• ☐ a\n• ☑ b']],
    ['a quote with a nested one', '> a\n> > b\n\nc', ['a\nb\n\nc', ['blockquote', 'a\nb']]],
    ['a quote in a list', '- > a', ['• a']],
    ['a table as text', '|a|b|\n|-|-|\n|1|**2**|', ['a | b\n1 | 2', ['bold', '2']]],
    ['html as text', '<b>x</b> & <script>y</script>', ['<b>x</b> & <script>y</script>']],
    ['a rule', 'a\n\n---\n\nb', ['a\n\n———\n\nb']],
    ['character references', '&lt;b&gt; &amp;amp; &#128512; &#x202E;x', ['<b> &amp; 😀 x']],
    ['escapes', '\\*a\\* \\_b\\_', ['*a* _b_']],
    ['offsets in UTF-16 units', '😀 **a**', ['😀 a', ['bold', 'a']]],
    ['a link', '[a](https://Example.com)', ['a', ['text_link', 'a', 'https://example.com/']]],
    [
      'bold around a link is cut at it',
      '**a [b](https://e.com) c**',
      ['a b c', ['bold', 'a '], ['text_link', 'b', 'https://e.com/'], ['bold', 'b'], ['bold', ' c']],
    ],
    ['a link into Telegram', '[a](tg://resolve?domain=x)', ['a', ['text_link', 'a', 'tg://resolve?domain=x']]],
    ['a bare address', 'see https://e.com/a_b_c now', ['see https://e.com/a_b_c now']],
    ['a mail link is written out', '[us](mailto:a@b.co?subject=x)', ['us (a@b.co)']],
    ['a script is no link', '[a](javascript:alert(1))', ['a']],
    ['credentials are no link', '[bank](https://bank.com@evil.com)', ['bank']],
    ['a name without a dot is no link', '[a](http://localhost/x)', ['a']],
    ['a picture is its words, its address is not fetched', '![words](https://e.com/?k=secret)', ['words']],
    ['blanks around formatting are not formatted', '**a** `  ` b', ['a    b', ['bold', 'a']]],
    ['long gaps close', `a${' '.repeat(4000)}b`, ['a b']],
    ['3,000 empty lines close', `a${'\n'.repeat(3000)}b`, ['a\n\nb']],
  ])('%s', (_name, markdown, expected) => {
    expect(read(markdown)).toEqual(expected);
  });
});

describe('nothing invisible gets through', () => {
  it.each([
    ['bidirectional controls', 'a\u202Eb\u2066c', 'abc'],
    ['tags', 'a\u{E0041}\u{E007F}b', 'ab'],
    ['zero width', 'a\u200B\u200C\u200D\uFEFF\u2060b', 'ab'],
    ['soft hyphens and fillers', 'a\u00AD\u3164\u115Fb', 'ab'],
    ['variation selectors that carry data', 'a\u{E0100}\u{E01EF}\uFE01b', 'ab'],
    ['the selector of an emoji stays', '❤️', '❤️'],
    ['lone surrogates become a mark', 'a\uD800b', 'a\uFFFDb'],
    ['other line breaks', 'a\r\nb\u2028c\u0085d', 'a\nb\nc\nd'],
    ['controls and tabs', 'a\u0000\u001B\tb', 'a b'],
    ['composed letters', 'e\u0301', '\u00E9'],
  ])('%s', (_name, markdown, text) => {
    expect(read(markdown)[0]).toBe(text);
  });

  it.each(['', '   \n ', '\u200B\u{E0041}', '\u2800', '[](https://e.com)', '[x]: https://e.com'])(
    'nothing visible is refused: %j',
    (markdown) => {
      expect(() => compose(markdown)).toThrow(expect.objectContaining({ code: 'input_invalid' }));
    },
  );
});

describe('long texts become several messages', () => {
  const words = (count: number, word = 'word') => Array.from({ length: count }, () => word).join(' ');

  it('cuts between paragraphs', () => {
    const paragraphs = [words(500), words(500), words(500)];
    const { parts } = compose(paragraphs.join('\n\n'));
    expect(parts.map((part) => part.text)).toEqual(paragraphs);
  });

  it('cuts after a sentence when a paragraph is too long', () => {
    const { parts } = compose(`${'One sentence here. '.repeat(400)}`);
    for (const part of parts) expect(part.text).toMatch(/^One .*here\.$/);
    expect(parts.length).toBeGreaterThan(1);
  });

  it('carries formatting over the cut', () => {
    const { parts } = compose(`**${words(1500)}**`);
    expect(parts.length).toBe(2);
    for (const part of parts) expect(part.entities).toEqual([{ type: 'bold', offset: 0, length: part.text.length }]);
  });

  it('does not cut an emoji in two', () => {
    const { parts } = compose(`a${'😀'.repeat(3000)}`);
    for (const part of parts) expect(part.text.isWellFormed()).toBe(true);
    expect(parts.map((part) => part.text).join('')).toBe(`a${'😀'.repeat(3000)}`);
  });

  it('keeps a message to a hundred entities, the most that Telegram keeps', () => {
    const { parts } = compose(Array.from({ length: 450 }, (_, n) => `**b${n}** x`).join('\n'));
    expect(Math.max(...parts.map((part) => part.entities.length))).toBeLessThanOrEqual(100);
    expect(parts.flatMap((part) => part.entities)).toHaveLength(450);
  });

  it('refuses more than thirty messages', () => {
    expect(() => compose(words(40_000))).toThrow(
      expect.objectContaining({ code: 'input_invalid', message: expect.stringContaining('30 messages') }),
    );
  });
});

describe('a picture', () => {
  const media = { checksum: 'a'.repeat(64), ref: 'supa://tasks/T-2026-11-22-0001/chart.png' };

  it('goes first and carries what fits into its caption', () => {
    const text = Array.from({ length: 6 }, () => 'word '.repeat(60).trim()).join('\n\n');
    const { parts } = composePost({ markdown: text, target: TARGET, media });
    expect(parts.map((part) => part.kind)).toEqual(['photo', 'text']);
    expect(parts[0]?.text.length).toBeLessThanOrEqual(1024);
    expect(parts.map((part) => part.text).join('\n\n')).toBe(text);
  });

  it('needs no words', () => {
    expect(composePost({ markdown: '', target: TARGET, media }).parts).toEqual([
      { kind: 'photo', media_checksum: media.checksum, media_ref: media.ref, text: '', entities: [] },
    ]);
  });

  it('is named in the plain text', () => {
    expect(toPlainText(composePost({ markdown: 'hello', target: TARGET, media }))).toBe('[picture aaaaaaaa]\nhello');
  });
});

it('the plain text shows where links lead', () => {
  expect(toPlainText(compose('[bank](https://evil.com/x) and [b](https://b.com)'))).toBe(
    'bank (https://evil.com/x) and b (https://b.com/)',
  );
});

it('the post is what the schema says, for the target that was given', () => {
  const post = compose('**a**');
  expect(Post.parse(post)).toEqual(post);
  expect(post.target).toEqual({ chat_id: -1001234567890, topic_id: 17 });
});
