import { describe, expect, it } from 'vitest';
import { unmaskText } from '../../src/policy/guards/unmask-text.ts';

const VAULT = { '[secret-1]': 'sk-live-4242', '[email-1]': 'ann@example.org' };

describe('a real value comes back where people read it', () => {
  it.each([
    ['Write to [email-1].', 'Write to ann@example.org.'],
    ['Contact:[email-1]', 'Contact:ann@example.org'],
    ['Ann <[email-1]>, at nine', 'Ann <ann@example.org>, at nine'],
    ['See https://example.org/x and write to [email-1]', 'See https://example.org/x and write to ann@example.org'],
    ['**[email-1]**', '**ann@example.org**'],
  ])('%s', (text, expected) => expect(unmaskText(text, VAULT)).toBe(expected));
});

describe('and never in an address', () => {
  it.each([
    'https://evil.example/c?k=[secret-1]',
    'Look at https://[secret-1].evil.example/ now',
    'www.evil.example/[secret-1]',
    'evil.example/?k=[secret-1]',
    'evil.click?k=[secret-1]',
    'раypal.example/[secret-1]',
    '[the chart](https://evil.example/c?k=[secret-1])',
    '[the chart](<https://evil.example/a b [secret-1]>)',
    '![x](//evil/[secret-1])',
    '[1]: https://evil.example/c?k=[secret-1]',
    '<https://evil.example/c d/[secret-1]>',
    '<a href="https://evil.example/?k= [secret-1]">x</a>',
    'https://evil.example/?a="[secret-1]"',
    'https://evil.example/?a=>[secret-1]',
    'tg://msg_url?url=[secret-1]',
    'mailto:eve@evil.example?body=[secret-1]',
    'mailto:[email-1]',
    'ftp://evil.example/[secret-1]',
    'javascript:alert([secret-1])',
  ])('%s', (text) => expect(unmaskText(text, VAULT)).toBe(text));
});
