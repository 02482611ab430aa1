import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { makeRoleTokens } from '../../src/store/transports/role-tokens.ts';

const START = Date.parse('2025-09-28T10:00:00Z') / 1000;
const jwtSecret = 'a-legacy-jwt-secret-of-forty-characters!';

function open(ttlSeconds?: number) {
  let seconds = START;
  const tokens = makeRoleTokens({ jwtSecret, issuer: 'https://abc.supabase.co', clock: () => new Date(seconds * 1000), ttlSeconds });
  return { tokens, pass: (more: number) => (seconds += more) };
}

function decode(token: string) {
  const [header = '', claims = '', signature = ''] = token.split('.');
  const parse = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
  return { header: parse(header), claims: parse(claims), signature, content: `${header}.${claims}` };
}

test('a token says which role, by whom and until when, and nothing of a person', () => {
  const { header, claims, signature, content } = decode(open().tokens.mint('ags_worker'));
  expect(header).toEqual({ alg: 'HS256', typ: 'JWT' });
  expect(claims).toEqual({ role: 'ags_worker', iss: 'https://abc.supabase.co', iat: START, exp: START + 300 });
  expect(Buffer.from(signature, 'base64url')).toEqual(createHmac('sha256', jwtSecret).update(content).digest());
});

test('each role has its own, used again until a minute before its end', () => {
  const { tokens, pass } = open();
  const first = tokens.mint('ags_worker');
  expect(decode(tokens.mint('ags_bot')).claims).toMatchObject({ role: 'ags_bot' });
  pass(239);
  expect(tokens.mint('ags_worker')).toBe(first);
  pass(1);
  expect(decode(tokens.mint('ags_worker')).claims).toMatchObject({ iat: START + 240, exp: START + 540 });
});

test('one that lives shorter than that is still used more than once', () => {
  const { tokens, pass } = open(20);
  const first = tokens.mint('ags_web');
  pass(9);
  expect(tokens.mint('ags_web')).toBe(first);
  pass(1);
  expect(tokens.mint('ags_web')).not.toBe(first);
});

test('one that was refused is not shown again', () => {
  const { tokens, pass } = open();
  const [bot, web] = [tokens.mint('ags_bot'), tokens.mint('ags_web')];
  pass(1);
  tokens.drop('ags_bot');
  expect(tokens.mint('ags_bot')).not.toBe(bot);
  expect(tokens.mint('ags_web')).toBe(web);
});
