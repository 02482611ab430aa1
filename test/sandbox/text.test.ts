import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatText } from '../../src/sandbox/text/format.ts';
import type { Entity } from '../../src/sandbox/wire.ts';

const format = (text: string, entities: unknown[] = []) => formatText(text, entities, { findUser: () => undefined });
const brief = (entities: Entity[]): string[] => entities.map(({ type, offset, length }) => `${type} ${offset}+${length}`);
const bold = (offset: number, length: number): Entity => ({ type: 'bold', offset, length });
const italic = (offset: number, length: number): Entity => ({ type: 'italic', offset, length });

describe('a text as Telegram keeps it', () => {
  it('loses blanks at its ends, carriage returns and overrides; tabs become blanks', () => {
    expect(format('  \n a\tb\r\nc\u202e  d \n').text).toBe('a b\nc  d');
    const { text, entities } = format(' \r\n bold\r\n', [bold(4, 4)]);
    expect([text, brief(entities)]).toEqual(['bold', ['bold 0+4']]);
  });

  it('keeps leading blanks that an entity covers, and cuts entities at the end', () => {
    const { text, entities } = format('  x  ', [bold(1, 4)]);
    expect([text, brief(entities)]).toEqual([' x', ['bold 0+2']]);
  });

  it.each<[string, string, Entity[], string[]]>([
    [
      'a nested style cuts the outer one where it begins',
      'bold italic bold',
      [bold(0, 16), italic(5, 6)],
      ['bold 0+5', 'bold 5+11', 'italic 5+6'],
    ],
    ['touching ones of a kind are joined', 'abcdef', [bold(0, 3), bold(3, 3)], ['bold 0+6']],
    ['crossing styles are cut', 'abcdef', [bold(0, 4), italic(2, 4)], ['bold 0+2', 'italic 2+4', 'bold 2+2']],
    ['a found link cuts bold text around it', 'see example.com now', [bold(0, 19)], ['bold 0+4', 'url 4+11', 'bold 4+11', 'bold 15+4']],
    ['nothing is found or kept inside code', 'run /stop now', [{ type: 'code', offset: 4, length: 5 }, bold(4, 5)], ['code 4+5']],
    ['a quote may hold a link, a link no code', 'a b.com c', [{ type: 'blockquote', offset: 0, length: 9 }], ['blockquote 0+9', 'url 2+5']],
  ])('%s', (_name, text, entities, expected) => {
    expect(brief(format(text, entities).entities)).toEqual(expected);
  });

  it.each([
    ['/task@ags_sandbox_bot do', ['bot_command 0+21']],
    ['a/b and //c and </d>', []],
    ['ask @olivia_owner, not a@b', ['mention 4+13']],
    ['#BTC #1 $ETH $eth', ['hashtag 0+4', 'cashtag 8+4']],
    ['(see https://t.me/x?y=1).', ['url 5+18']],
    ['README.md is, main.ts is not', ['url 0+9']],
    ['me@example.org, v1.2', ['email 0+14']],
    ['price 1.5 and 127.0.0.1', ['url 14+9']],
  ])('finds what is in %j', (text, expected) => {
    expect(brief(format(text).entities)).toEqual(expected);
  });

  it.each<[string, unknown, RegExp]>([
    ['outside of the text', bold(2, 5), /ends after the end of the text at UTF-16 offset 7/],
    ['beginning behind it', bold(9, 1), /begins after the end of the text at UTF-16 offset 9/],
    ['inside of a character', bold(1, 2), /begins in a middle of a UTF-16 symbol/],
    ['negative', bold(-1, 2), /incorrect offset -1/],
    ['of an unknown type', { type: 'blink', offset: 0, length: 1 }, /Unsupported type specified/],
    ['without an offset', { type: 'bold', length: 1 }, /offset/],
    ['a link without a dot', { type: 'text_link', offset: 0, length: 2, url: 'http://localhost/x' }, /Wrong HTTP URL/],
  ])('refuses an entity %s', (_name, entity, complaint) => {
    expect(() => format('😀ab', [entity])).toThrow(complaint);
  });

  it('keeps the target of a link in its own spelling', () => {
    const entity = { type: 'text_link', offset: 0, length: 4, url: 'HTTPS://Example.COM' };
    expect(format('link', [entity]).entities).toEqual([{ type: 'text_link', offset: 0, length: 4, url: 'https://example.com/' }]);
  });

  it('changes nothing when it gets its own answer again', () => {
    const entity = fc.record({
      type: fc.constantFrom('bold', 'italic', 'spoiler', 'code', 'pre', 'blockquote'),
      offset: fc.nat(20),
      length: fc.nat(12),
    });
    const words = fc
      .array(fc.constantFrom('word', ' ', '\n', '/cmd', 'example.com', '#tag', '\t', '\r'), { maxLength: 10 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(words, fc.array(entity, { maxLength: 6 }), (text, entities) => {
        const inside = entities.filter(({ offset, length }) => offset + length <= text.length);
        const once = format(text, inside);
        expect(format(once.text, once.entities)).toEqual(once);
      }),
    );
  });
});
