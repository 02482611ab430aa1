import { afterAll, expect, test } from 'vitest';
import { makeBundle } from '../../src/bot/bundle.ts';
import { type Anchor, hashAnchor } from '../../src/domain/evidence/anchor.ts';
import { hashRecord, toChainStart } from '../../src/domain/evidence/audit-record.ts';
import { AuditLine } from '../../src/domain/evidence/bundle.ts';
import { verifyBundle } from '../../src/domain/evidence/verify-bundle.ts';
import { sha256 } from '../../src/domain/ids.ts';
import { exportTask } from '../../src/store/audit.ts';
import { anchor } from '../sql/verify_audit/support.ts';
import { approve, askTask, openStory, planTask, runToEnd } from '../support/stories.ts';
import { PEOPLE } from '../support/story-world.ts';

type Line = Record<string, unknown> & { kind: string };

const db = await openStory();
afterAll(() => db.close());

/** A task that was anchored twice on its way, beside others, so that there is something to prove. */
const { taskId, reference } = await askTask(db);
for (const _ of [1, 2, 3, 4]) await planTask(db);
const early = await anchor(db);
await approve(db, reference, PEOPLE.owner);
await planTask(db);
const late = await anchor(db);
await runToEnd(db, taskId);
const found = await exportTask(db.rpc('ags_reader'), taskId);
const { text } = makeBundle(found ?? [], { taskId, exportedAt: new Date('2026-11-22T10:00:00Z') });
const lines: Line[] = text
  .trim()
  .split('\n')
  .map((line) => JSON.parse(line));

/** The bundle with its lines changed, and its own checksum made to fit: by somebody who knows the form. */
function forge(change: (lines: Line[]) => Line[]): string {
  const body = change(structuredClone(lines).slice(0, -1)).map((line) => `${JSON.stringify(line)}\n`);
  return `${body.join('')}${JSON.stringify({ kind: 'end', line_count: body.length + 1, sha256: sha256(body.join('')) })}\n`;
}
const problemsOf = (bundle: string, kept = [early, late]) => verifyBundle(bundle, kept).problems;
const edit = (kind: string, seq: number, values: Record<string, unknown>) => (all: Line[]) =>
  all.map((line) => (line.kind === kind && (line.seq ?? line.number ?? 1) === seq ? { ...line, ...values } : line));

test('what the program exports proves itself, up to the last anchor', () => {
  const { problems, recordCount, anchors, unanchoredCount, unproved } = verifyBundle(text, [early, late]);
  expect(problems).toEqual([]);
  expect(anchors.map(({ number }) => number)).toEqual([1, 2]);
  expect(recordCount).toBe(lines.filter(({ kind }) => kind === 'audit').length);
  expect(unanchoredCount).toBeGreaterThan(0);
  // What is for reading alone is named, so that nobody takes it for proved.
  expect(unproved.join()).toMatch(/the text of the policy.*events: \d+ lines/);
});

test('forging changes nothing when nothing is changed', () => {
  expect(problemsOf(forge((all) => all))).toEqual([]);
});

test.each<[string, (all: Line[]) => Line[], RegExp]>([
  ['changed', edit('audit', 2, { actor: 'tg:999' }), /^record 2 of T-.*: is not what was written$/],
  ['changed in what was recorded', edit('audit', 3, { after_text: '{}' }), /^record 3 of T-/],
  ['taken out', (all) => all.filter(({ kind, seq }) => kind !== 'audit' || seq !== 4), /^record 4 of T-.*: is missing/],
  [
    'cut off',
    (all) => all.filter(({ kind, seq }) => kind !== 'audit' || Number(seq) < 3),
    /^record 3 of T-.*: is missing; anchor 1 covers/,
  ],
  ['taken out with all others', (all) => all.filter(({ kind }) => kind !== 'audit'), /^record 1 of T-.*: is missing$/],
  [
    'moved',
    (all) => all.toSorted((one, other) => (one.kind === 'audit' && other.kind === 'audit' ? Number(other.seq) - Number(one.seq) : 0)),
    /^record 1 of T-/,
  ],
  ['of another form', edit('audit', 2, { hash: 7 }), /a line of the kind audit does not have its form/],
])('a record that was %s is named', (_how, change, expected) => {
  expect(problemsOf(forge(change))[0]).toMatch(expected);
});

test.each<[string, (all: Line[]) => Line[], RegExp]>([
  ['was changed', edit('anchor', 1, { record_count: 1 }), /^anchor 1: is not what was made$/],
  [
    'covers other records',
    edit('anchor', 2, { leaf: { chain: taskId, from_seq: 1, to_seq: 2, head_hash: 'x' } }),
    /^anchor 2: does not cover/,
  ],
  ['has another way to its root', edit('anchor', 1, { proof: [] }), /^anchor 1: does not cover/],
  [
    'was left out',
    (all) => all.filter(({ kind, number }) => kind !== 'anchor' || number !== 1),
    /^anchor 2: begins at record \d+, expected 1/,
  ],
])('an anchor that %s is named', (_how, change, expected) => {
  expect(problemsOf(forge(change))[0]).toMatch(expected);
});

test('another anchor than the kept one is named', () => {
  const other = { ...early, made_at: '2020-01-01T00:00:00.000000Z' };
  expect(problemsOf(text, [{ ...early, hash: 'f'.repeat(64) }])[0]).toMatch(/^the kept copy of anchor 1: is not what was made$/);
  expect(problemsOf(text, [{ ...late, number: 1 }, other])).toHaveLength(2);
});

test.each<[string, (all: Line[]) => Line[], RegExp]>([
  [
    'content',
    (all) => all.map((line) => (line.kind === 'artifact' && line.type === 'post' ? { ...line, content: '{}' } : line)),
    /its content does not match its checksum$/,
  ],
  ['policy', edit('policy', 1, { source: 'version: 2' }), /^the policy does not match its checksum$/],
  ['decider', edit('decision', 1, { approver: 'tg:999' }), /^the decision “approve” of tg:999 on T\d-.*: is not on record$/],
])('another %s than on record is named', (_what, change, expected) => {
  expect(problemsOf(forge(change)).at(-1)).toMatch(expected);
});

/** Writes the chain of a bundle anew over other contents, as whoever owns the server and knows the form can. */
function rehash(all: Line[]): Line[] {
  let before = toChainStart(taskId);
  return all.map((line) => {
    if (line.kind !== 'audit') return line;
    const record = { ...AuditLine.parse(line), prev_hash: before };
    before = hashRecord(record);
    return { ...record, hash: before };
  });
}
const without =
  (...kinds: string[]) =>
  (all: Line[]) =>
    all.filter(({ kind }) => !kinds.includes(kind));
/** The anchor after the last one, so many minutes later. */
function makeLater(minutes: number): Anchor {
  const made_at = new Date(Date.parse(late.made_at) + minutes * 60_000).toISOString().replace('Z', '000Z');
  const next = { ...late, number: late.number + 1, prev_hash: late.hash, made_at };
  return { ...next, hash: hashAnchor(next) };
}

test('a chain written anew without its anchors and decisions is found by the kept anchors', () => {
  const anew = forge((all) => rehash(edit('audit', 1, { actor: 'tg:999' })(without('anchor', 'decision')(all))));
  expect(problemsOf(anew, [early, late, makeLater(10)])[0]).toMatch(
    /^record 1 of T-.*: is older than the kept anchor 3 and covered by none up to it$/,
  );
  expect(problemsOf(anew, [])).toContainEqual(
    expect.stringMatching(/^the decision “approve” of tg:101 on T\d-.*: is on record, and not in the bundle$/),
  );
});

test('a kept anchor that should be in the bundle is missed, one that is too young to be in it is not', () => {
  expect(problemsOf(text, [early, late, makeLater(10)])[0]).toMatch(/^record \d+ of T-.*: is older than the kept anchor 3/);
  expect(problemsOf(text, [early, late, makeLater(0.5)])).toEqual([]);
  const stranger = { ...late, number: 3, prev_hash: 'f'.repeat(64) };
  expect(problemsOf(text, [{ ...stranger, hash: hashAnchor(stranger) }])).toEqual(['anchor 2: does not fit to the kept copy of anchor 3']);
});

test('a chain that was dated after the last anchor is not of the day of its task', () => {
  const after = forge((all) => rehash(edit('audit', 1, { ts: '2099-01-01T00:00:00.000000Z' })(without('anchor')(all))));
  expect(problemsOf(after, [])[0]).toMatch(/^record 1 of T-.*: was not written on the day of its task/);
});

test.each<[string, (all: Line[]) => Line[], RegExp]>([
  [
    'the approved post, with its own checksum',
    (all) =>
      all.map((line) => (line.kind === 'artifact' && line.type === 'post' ? { ...line, content: '{}', checksum: sha256('{}') } : line)),
    /^the content with the checksum [0-9a-f]{8}: record \d+ \(approval\.ask\) names it, and it is not in the bundle$/,
  ],
  [
    'a second post in the same place',
    (all) =>
      all.flatMap((line) =>
        line.kind === 'artifact' && line.type === 'post' ? [line, { ...line, content: '{}', checksum: sha256('{}') }] : [line],
      ),
    /post\.json: stands in the bundle more than once$/,
  ],
  ['the requester', edit('task', 1, { actor: 'tg:999' }), /^the task: its actor is not the one on record$/],
  ['the goal', edit('task', 1, { goal: 'something else' }), /^the task: its goal is not the one on record$/],
  ['the end of the task', edit('task', 1, { status: 'rejected' }), /^the task: its status is not the one on record$/],
  ['the task itself, left out', without('task'), /^the task: expected one line, came 0$/],
  ['the slots', edit('request', 1, { slots: [] }), /^the request T\d-.*: its slots is not the one on record$/],
  ['what was required', edit('request', 1, { requirements: ['critic_pass'] }), /its requirements is not the one on record$/],
  ['where it was asked for', edit('request', 1, { target_chat_id: -1 }), /^the request .* its target_chat_id is not the one on record$/],
  ['how it was decided', edit('request', 1, { status: 'rejected' }), /that it is rejected is not on record$/],
  ['the request, left out', without('request'), /^the request T\d-.*: is on record, and not in the bundle$/],
  ['the role of the decider', edit('decision', 1, { role: 'owner' }), /^the decision “approve” of tg:\d+ on T\d-.*: is not on record$/],
  ['where it went', edit('effect', 1, { target_chat_id: -1 }), /^the effect .*: its target_chat_id is not the one on record$/],
  [
    'what went',
    edit('effect', 1, { artifact_checksum: 'f'.repeat(64) }),
    /^the effect .*: its artifact_checksum is not the one on record$/,
  ],
  ['how it ended', edit('effect', 1, { status: 'void' }), /^the effect .*: is done on record, not void$/],
  ['the effect, left out', without('effect'), /^the effect .*: is on record, and not in the bundle$/],
  ['an effect that never was', edit('effect', 1, { effect_id: 'another' }), /^the effect another: is not on record$/],
  ['the message', edit('attempt', 1, { message_id: 1 }), /^the effect .*: its messages are not those on record$/],
])('another line than the chain says is named: %s', (_what, change, expected) => {
  expect(problemsOf(forge(change))).toContainEqual(expect.stringMatching(expected));
});

test('a step that is said to be done, and is not on record, is named', () => {
  const forged = forge((all) =>
    all.map((line) => (line.kind === 'step' && line.node_id === 'act' ? { ...line, output_ref: 'supa://tasks/x' } : line)),
  );
  expect(problemsOf(forged)).toEqual([`the step ${taskId}/act: its output_ref is not the one on record`]);
});

test('a file that was cut, changed by a byte or is something else is said to be', () => {
  expect(problemsOf(text.slice(0, -40)).at(-1)).toContain('it was cut off');
  expect(problemsOf(text.replace('"exported_at":"2026', '"exported_at":"2025'))).toEqual([
    'the bundle as a whole does not match the checksum at its end',
  ]);
  expect(problemsOf('hello')[0]).toBe('line 1: is no JSON');
  expect(problemsOf('')).not.toEqual([]);
});
