import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../../src/errors.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import { listStaffingProblems } from '../../src/policy/staffing.ts';
import { cpuMs } from './cpu-time.ts';
import { SHORT_POLICY, withChange, withMore } from './example-policy.ts';
import { problemsOf } from './refusal.ts';

const KIB = 1024;
const T2 = 'T2: ["critic>=0.8", "operator_approval"]';

const REFUSED: readonly [what: string, source: string, path: string, reason: RegExp][] = [
  ...['0', '-1', '"2"', '2.5', 'null', 'true'].map(
    (count) =>
      [`Y1 approvals: ${count}`, withChange(T2, `T2: ${count}`), 'approvals.T2', /expected a list/] as [string, string, string, RegExp],
  ),
  ['Y1 approvals missing', withChange(`  ${T2}\n`, ''), 'approvals.T2', /missing/],
  ['Y1 a count in the list', withChange('"operator_approval"]', '"operator_approval", 0]'), 'approvals.T2[2]', /text, got a number/],
  ['Y2 a key twice at the top', withMore('version: 2'), 'version', /twice/],
  ['Y2 a key twice inside', withChange(T2, `${T2}\n  T2: []`), 'approvals.T2', /twice/],
  ['Y2 a key twice in braces', withMore('quality: { pass_points: 7, "pass_points": 1 }'), 'quality.pass_points', /twice/],
  ['Y3 a mistyped key', withMore('aprovals: 2'), 'aprovals', /unknown key/],
  ['Y4 a merge key', withMore('<<: { __proto__: { isAdmin: true } }'), '"<<"', /merge keys/],
  ['Y4 __proto__', withMore('__proto__: { isAdmin: true }'), '__proto__', /not allowed/],
  ['Y4 __proto__ in quotes, inside', withMore('routing: { "__proto__": [default] }'), 'routing.__proto__', /not allowed/],
  ['Y4 constructor', withMore('engines: { constructor: {} }'), 'engines.constructor', /not allowed/],
  ['Y5 an anchor', withMore('quality: &q { pass_points: 7 }'), '(document)', /anchors/],
  ['Y5 an alias', withMore('quality: *q'), '(document)', /aliases/],
  ['Y5 !!omap', withMore('quality: !!omap [ pass_points: 7 ]'), '(document)', /tags/],
  ['Y6 on', withChange('max_positions: 3', 'max_positions: on'), 'limits.trading.max_positions', /number, got text/],
  ['Y6 no', withChange('max_positions: 3', 'max_positions: no'), 'limits.trading.max_positions', /number, got text/],
  ['Y6 0o17', withChange('max_positions: 3', 'max_positions: 0o17'), 'limits.trading.max_positions', /plain decimals/],
  ['Y6 0x1F', withChange('max_positions: 3', 'max_positions: 0x1F'), 'limits.trading.max_positions', /plain decimals/],
  ['Y6 017', withChange('max_positions: 3', 'max_positions: 017'), 'limits.trading.max_positions', /plain decimals/],
  ['Y6 1e3', withChange('max_positions: 3', 'max_positions: 1e3'), 'limits.trading.max_positions', /plain decimals/],
  ['Y6 .inf', withChange('max_daily_loss_pct: 5', 'max_daily_loss_pct: .inf'), 'limits.trading.max_daily_loss_pct', /plain decimals/],
  ['Y6 1_000', withChange('max_positions: 3', 'max_positions: 1_000'), 'limits.trading.max_positions', /number, got text/],
  ['Y6 12:30', withChange('cool_down_minutes: 30', 'cool_down_minutes: 12:30'), 'limits.payments.cool_down_minutes', /number, got text/],
  [
    'Y6 a number with more digits than are kept',
    withMore('budgets: { day_usd: 12345678901234567890.10 }'),
    'budgets.day_usd',
    /more digits/,
  ],
  ['Y6 a YAML 1.1 directive', `%YAML 1.1\n---\n${SHORT_POLICY}`, '(document)', /directives/],
  ['Y7 !!js/function', withMore('quality: !!js/function "function(){}"'), '(document)', /tags/],
  ['Y7 !!binary', withMore('quality: !!binary aGk='), '(document)', /tags/],
  ['Y7 a tag of one’s own', withMore('quality: !secret x'), '(document)', /tags/],
  ['Y8 a glob in quotes', withChange('"READ"', '"*"'), 'risk_tiers.T0[0]', /no patterns/],
  ['Y8 a bare glob', withChange('["READ", "RESEARCH", "RETRIEVE"]', '[*]'), '(document)', /pattern such as \* is none/],
  ['Y8 a regular expression', withChange('"READ"', '".*"'), 'risk_tiers.T0[0]', /no patterns/],
  ['Y8 a prefix', withChange('"READ"', '"READ*"'), 'risk_tiers.T0[0]', /no patterns/],
  [
    'Y9 the operator twice',
    withChange('"operator_approval", "owner_approval"', '"operator_approval", "operator_approval"'),
    'approvals.T3[2]',
    /twice/,
  ],
  [
    'Y9 operator or owner',
    withChange('"operator_approval", "owner_approval"', '"operator_approval|owner_approval"'),
    'approvals.T3[1]',
    /not a requirement/,
  ],
  [
    'Y9 operator or owner, as a list',
    withChange('"operator_approval", "owner_approval"', '["operator_approval", "owner_approval"]'),
    'approvals.T3[1]',
    /text, got a list/,
  ],
  ['Y12 an empty file', '', '(document)', /empty/],
  ['Y12 blanks only', ' \n \n', '(document)', /empty/],
  ['Y12 comments only', '# nothing\n', '(document)', /got nothing/],
  ['Y12 CRLF', SHORT_POLICY.replaceAll('\n', '\r\n'), '(document)', /save the file with LF/],
  ['Y12 a byte order mark', `\ufeff${SHORT_POLICY}`, '(document)', /without BOM/],
  ['Y12 two documents', `${SHORT_POLICY}---\n${SHORT_POLICY}`, '(document)', /more than one document/],
  ['Y12 something behind the end', `${SHORT_POLICY}...\n${SHORT_POLICY}`, '(document)', /more than one document/],
  ['an invisible character in a comment', withMore('# ok\u200b'), '(document)', /U\+200B/],
  ['text that shows in another order', withMore('# \u202egnihton'), '(document)', /U\+202E/],
  ['half a surrogate pair', withMore('# \ud83d'), '(document)', /U\+D83D/],
  ['a tab as indentation', withMore('quality:\n\tpass_points: 7'), '(document)', /[Tt]abs/],
  ['a key that is a list', withMore('? [a]\n: b'), '(document)', /keys written with \?/],
  ['a key that is a number', withMore('5: x'), '"?"', /a key is text/],
  ['a number as a document', '5', '(document)', /group of keys/],
];

describe('YAML that would be read in two ways is refused', () => {
  test.each(REFUSED)('%s', (_what, source, path, reason) => {
    expect(problemsOf(source)).toContainEqual(expect.objectContaining({ path, reason: expect.stringMatching(reason) }));
    expect(({} as { isAdmin?: boolean }).isAdmin).toBeUndefined();
  });
});

const FILL = (piece: string) => piece.repeat(Math.floor((256 * KIB) / piece.length));
const HEAVY: readonly [what: string, source: string][] = [
  ['Y5 an alias bomb', `a: &a [x]\n${Array.from({ length: 40 }, (_, index) => `b${index}: &b${index} [*a, *a]`).join('\n')}`],
  ['Y5 repeated merges', `a: &a { x: 1 }\n${'b: { <<: [*a, *a, *a] }\n'.repeat(8000)}`],
  ['Y5 a large !!omap', `a: !!omap\n${'- k: v\n'.repeat(30_000)}`],
  ['Y12 5 MB', 'a'.repeat(5_000_000)],
  ['a byte more than 256 KiB', '#'.repeat(256 * KIB + 1)],
  ['256 KiB of brackets', FILL('[')],
  ['256 KiB of closing brackets', FILL(']')],
  ['256 KiB of keys', Array.from({ length: 20_000 }, (_, index) => `key${index}: 1`).join('\n')],
  ['256 KiB of braces', `{${FILL('a,').slice(4)}}`],
  ['256 KiB of faults', FILL('a: b: c\n')],
  ['256 KiB of dashes', FILL('- ')],
  ['256 KiB of an open quote', `"${FILL('a\n').slice(4)}`],
  ['256 KiB of colons', FILL(':')],
];

describe('a heavy file is refused at once', () => {
  // The first call pays for loading; what is measured is the work.
  parsePolicy(SHORT_POLICY);
  test.each(HEAVY)('%s in less than 100 ms', (_what, source) => {
    const times = [1, 2, 3].map(() => cpuMs(() => expect(problemsOf(source).length).toBeGreaterThan(0)));
    expect(Math.min(...times)).toBeLessThan(100);
  });
});

test('a large comment is no fault', () => {
  expect(() => parsePolicy(withMore(`# ${'x'.repeat(200 * KIB)}`))).not.toThrow();
});

test('Y10 T3 with too few people is told, not loaded away', () => {
  const { policy } = parsePolicy(SHORT_POLICY);
  expect(listStaffingProblems(policy, [{ personId: 'ann', roles: ['owner'] }])).toContainEqual({
    tier: 'T3',
    reason: 'T3 needs 2 different people beside the person who asks as owner and operator',
  });
});

test('Y11 a new policy does not reach into one that a task holds', () => {
  const pinned = parsePolicy(SHORT_POLICY);
  const before = structuredClone(pinned.policy);
  const next = parsePolicy(withChange('critic>=0.8', 'critic>=0.95'));
  expect(next.checksum).not.toBe(pinned.checksum);
  expect(pinned.policy).toEqual(before);
  expect(next.policy.approvals.T2).toEqual(['critic>=0.95', 'operator_approval']);
});

describe('whatever comes, the answer is a policy or policy_invalid', () => {
  const throwsOnlyOurs = (source: string) => {
    try {
      parsePolicy(source);
    } catch (error) {
      expect(error).toBeInstanceOf(AppError);
      expect(error).toMatchObject({ code: 'policy_invalid' });
      const { problems } = (error as AppError).context as { problems: unknown[] };
      expect(problems.length).toBeGreaterThan(0);
    }
  };

  test('for any text', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 300 }), throwsOnlyOurs), { numRuns: 500 });
  });

  test('for text made of YAML’s signs', () => {
    const sign = fc.constantFrom(
      ...'{}[]:-?&*!|>%@`"\'#,~ \n\t'.split(''),
      'a',
      '1',
      'version',
      'T3',
      '<<',
      '__proto__',
      '---\n',
      '...\n',
      ': ',
      '- ',
      '!!int ',
    );
    fc.assert(
      fc.property(fc.array(sign, { maxLength: 60 }), (signs) => throwsOnlyOurs(signs.join(''))),
      { numRuns: 1500 },
    );
  });

  test('for a good policy with anything in any place', () => {
    const piece = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('null', '[]', '{}', '-1', '0', '1.5', 'true', '"x"', '{ a: b }'));
    fc.assert(
      fc.property(fc.nat(SHORT_POLICY.length), fc.nat(30), piece, (at, length, text) =>
        throwsOnlyOurs(SHORT_POLICY.slice(0, at) + text + SHORT_POLICY.slice(at + length)),
      ),
      { numRuns: 1000 },
    );
  });

  test('for any JSON, which is YAML too', () => {
    fc.assert(fc.property(fc.json(), throwsOnlyOurs), { numRuns: 500 });
  });
});
