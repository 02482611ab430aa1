import { describe, expect, it } from 'vitest';
import type { View } from '../../../src/bot/view.ts';
import { makeCardView } from '../../../src/bot/views/card.ts';
import type { CardFacts } from '../../../src/bot/views/card-state.ts';
import { makeEffect, makeFacts, makePost, NOW, STOPPED, T2_ITEMS, TOKEN } from './facts.ts';

const labelsOf = (view: View) => view.keyboard?.inline_keyboard.flat().map(({ text }) => text.replace(/^\S+ /u, '')) ?? [];
const dataOf = (view: View) =>
  view.keyboard?.inline_keyboard.flat().map((button) => ('callback_data' in button ? button.callback_data : '')) ?? [];
const covered = (view: View, type: string) =>
  view.entities.filter((entity) => entity.type === type).map(({ offset, length }) => view.text.slice(offset, offset + length));
const unmet = { requirement: 'critic>=0.8', isMet: false, detail: 'critic 0.67, 0.8 needed', isByPeople: false };
const byAdam = {
  role: 'operator',
  decision: 'approve',
  name: 'Adam',
  approver: 'tg:111',
  reason: null,
  at: '2026-11-22T13:57:00.000Z',
} as const;
const ALL = ['Approve', 'Reject', 'Edit', 'Details'];

interface Case {
  facts: CardFacts;
  has: string[];
  hasNot?: string[];
  labels: string[];
}

const cases: Record<string, Case> = {
  'being shown': { facts: makeFacts({ status: 'staging', shownAt: null, expiresAt: null }), has: ['Being shown', 'T2-7F3K'], labels: [] },
  pending: {
    facts: makeFacts(),
    has: [
      'Approve? PUBLISH to AGS Signals',
      'T2-7F3K',
      'T-2026-11-22-0001',
      'Adam asked: “Tell the channel about gold”',
      '1 message above, exactly as it will be sent',
      'Critic 8/9',
      'policy 1/1 · evidence 2/2 · facts 3/3 · clarity 1/2 · risk 1/1 clean',
      'Name the source.',
      'critic 0.89, 0.8 needed',
      'operator waiting',
      'Checksum 1a2b3c4d',
      'Expires 23 Nov 13:55 UTC (in 23 h 55 min)',
    ],
    hasNot: ['Rehearsal', 'RED FLAG', 'NOT MET', 'Dry run'],
    labels: ALL,
  },
  'half approved, T3': {
    facts: makeFacts(
      { tier: 'T3', reference: 'T3-7F3K', slots: ['operator', 'owner'], decisions: [byAdam] },
      { dryRun: 'Rendered 1 message(s).' },
    ),
    has: ['operator ✓ Adam 13:57 UTC · owner waiting', 'Dry run and risks', 'Rendered 1 message(s).'],
    labels: ALL,
  },
  'T3 without a dry run': { facts: makeFacts({ tier: 'T3' }), has: ['No dry run yet'], labels: ALL },
  rehearsal: { facts: makeFacts({ isRehearsal: true }), has: ['Rehearsal: no AI took part'], labels: ALL },
  'written by a person': { facts: makeFacts({ isEditedByPerson: true }), has: ['written by a person'], labels: ALL },
  'a requirement unmet': {
    facts: makeFacts({ verdict: { isMet: false, items: [...T2_ITEMS, unmet] } }),
    has: ['Cannot be approved', 'Why: critic 0.67, 0.8 needed', '○ critic 0.67, 0.8 needed — NOT MET'],
    labels: ['Reject', 'Edit', 'Details'],
  },
  'the copy differs': {
    facts: makeFacts({ stagingProblem: 'Part 1 looks different in Telegram: the text' }),
    has: ['Cannot be approved', 'looks different'],
    labels: ['Reject', 'Edit', 'Details'],
  },
  'the text unreadable': { facts: makeFacts({}, { post: null }), has: ['The text cannot be read'], labels: ['Reject', 'Edit', 'Details'] },
  'a part not shown': {
    facts: makeFacts({}, { post: makePost('one', 'two') }),
    has: ['it has not been shown in full'],
    labels: ['Reject', 'Edit', 'Details'],
  },
  'not shown in this chat': {
    facts: makeFacts({}, { copies: null }),
    has: ['Decide in the admin group'],
    labels: ['Reject', 'Edit', 'Details'],
  },
  stopped: { facts: makeFacts({ stop: STOPPED }), has: ['STOPPED', 'Stopped by Rita since 13:50 UTC', 'until /resume'], labels: ALL },
  approved: {
    facts: makeFacts({ status: 'approved', decisions: [byAdam] }),
    has: ['Approved, on its way', 'operator ✓ Adam'],
    labels: ['Reject', 'Details'],
  },
  granted: {
    facts: makeFacts({ status: 'approved' }, { effect: makeEffect({ status: 'granted', settledAt: null }) }),
    has: ['It is being sent'],
    labels: [],
  },
  published: {
    facts: makeFacts({ status: 'approved', decisions: [byAdam] }, { effect: makeEffect() }),
    has: ['Done: PUBLISH', 'Published 13:59 UTC, 1 message.'],
    labels: [],
  },
  'in doubt': {
    facts: makeFacts({ status: 'approved' }, { effect: makeEffect({ status: 'in_doubt' }) }),
    has: ['it is not known whether it arrived'],
    labels: [],
  },
  'not sent': {
    facts: makeFacts({ status: 'approved' }, { effect: makeEffect({ status: 'failed', outcomeNote: 'chat not found' }) }),
    has: ['NOT sent', 'chat not found'],
    labels: [],
  },
  rejected: {
    facts: makeFacts({ status: 'rejected', decisions: [{ ...byAdam, decision: 'reject', reason: 'The price is old' }] }),
    has: ['Rejected: PUBLISH', 'Adam (operator), 13:57 UTC', 'The price is old'],
    labels: [],
  },
  expired: { facts: makeFacts({ status: 'expired' }), has: ['Expired', 'nothing was sent', '/task'], labels: [] },
  'expired, not swept yet': { facts: makeFacts({ expiresAt: '2026-11-22T13:59:59.000Z' }), has: ['Expired'], labels: [] },
  edited: {
    facts: makeFacts({ status: 'void', voidReason: 'edited' }, { draft: { text: 'Gold holds above 2,410.', by: 'Olivia' } }),
    has: ['Edited, the critic reads it again', 'Earlier decisions are void', 'Olivia changed the text', '2,400', '2,410'],
    labels: [],
  },
  replaced: {
    facts: makeFacts(
      { version: 2, previous: { reference: 'T2-AAAA', voidReason: 'edited', checksum: '0', content: null, storageRef: '' } },
      { previous: makePost('Gold falls below 2,400.') },
    ),
    has: ['Replaces T2-AAAA (edited): earlier decisions are void.', 'falls', 'below'],
    labels: ALL,
  },
  'to be shown again': {
    facts: makeFacts({ status: 'void', voidReason: 'the staged copy is gone' }),
    has: ['Has to be shown again', 'the staged copy is gone'],
    labels: [],
  },
  'task cancelled': {
    facts: makeFacts({ status: 'void', voidReason: 'task_cancelled', taskStatus: 'cancelled' }),
    has: ['Nothing left to decide', 'cancelled'],
    labels: [],
  },
  'task failed after approval': {
    facts: makeFacts({ status: 'approved', taskStatus: 'failed' }),
    has: ['Nothing left to decide', 'failed'],
    labels: [],
  },
};

describe.each(Object.entries(cases))('a card that is %s', (_name, { facts, has, hasNot = [], labels }) => {
  const view = makeCardView(facts, TOKEN);
  it('says what it must', () => {
    for (const words of has) expect(view.text).toContain(words);
    for (const words of hasNot) expect(view.text).not.toContain(words);
    expect(view.text.length).toBeLessThanOrEqual(1500);
  });
  it('has the buttons that mean something', () => expect(labelsOf(view)).toEqual(labels));
  it('carries nothing in a button but its token and a letter', () => {
    for (const data of dataOf(view)) expect(data).toMatch(new RegExp(`^a:${TOKEN}:[yned]$`));
  });
});

it('makes the reference easy to copy and the difference easy to see', () => {
  const { facts } = cases.replaced ?? { facts: makeFacts() };
  const view = makeCardView(facts, TOKEN);
  expect(covered(view, 'code')).toContain('T2-7F3K');
  expect(covered(view, 'strikethrough').join(' ')).toContain('falls');
  expect(covered(view, 'underline').join(' ')).toContain('holds');
});

it('links to the copies and to what was published', () => {
  const urls = [makeFacts(), cases.published?.facts ?? makeFacts()].flatMap((facts) =>
    makeCardView(facts, TOKEN).entities.map((entity) => ('url' in entity ? entity.url : '')),
  );
  expect(urls).toEqual(expect.arrayContaining(['https://t.me/c/1000000001/70', 'https://t.me/c/1000000003/9001']));
});

describe('the links of a post', () => {
  const linked = (...urls: string[]) => ({
    ...makePost('here'.repeat(urls.length)),
    parts: [
      {
        kind: 'text' as const,
        text: 'here'.repeat(urls.length),
        entities: urls.map((url, index) => ({ type: 'text_link' as const, offset: index * 4, length: 4, url })),
      },
    ],
  });

  it('are spelt out where people approve, in full', () => {
    const view = makeCardView(makeFacts({}, { post: linked('https://example.org/a?b=c', 'https://example.net/') }), TOKEN);
    expect(view.text).toContain('Links: https://example.org/a?b=c, https://example.net/\n');
    expect(makeCardView(makeFacts(), TOKEN).text).not.toContain('Links:');
  });

  it('say what is left out of them', () => {
    const long = `https://example.org/${'x'.repeat(200)}`;
    const view = makeCardView(makeFacts({}, { post: linked(long, ...[1, 2, 3, 4].map((n) => `https://e${n}.org/`)) }), TOKEN);
    expect(view.text).toContain(
      `${long.slice(0, 150)}…[70 more characters: see Details], https://e1.org/, https://e2.org/, https://e3.org/ and 1 more`,
    );
  });
});

it('gives the moment of expiry as a moment, for each phone to show in its own way', () => {
  expect(makeCardView(makeFacts(), TOKEN).entities).toContainEqual(
    expect.objectContaining({ type: 'date_time', unix_time: Date.parse('2026-11-23T13:55:00Z') / 1000 }),
  );
});

describe('words that are not ours', () => {
  const flood = 'A'.repeat(4000);
  const flags = Array.from({ length: 20 }, () => 'B'.repeat(300));
  const items = Array.from({ length: 30 }, () => ({ ...unmet, detail: 'C'.repeat(400) }));
  const critique = { policy_compliance: 0, evidence_cited: 0, factuality: 0, clarity: 0, risk_flags: 0, red_flags: flags, comments: flood };
  const longest = makeFacts(
    {
      tier: 'T3',
      goal: flood,
      requester: flood,
      verdict: { isMet: false, items },
      slots: ['operator', 'owner'],
      decisions: [{ ...byAdam, name: flood }],
      isRehearsal: true,
      isEditedByPerson: true,
      critic: { points: 0, score: 0, hasVeto: true, passed: false, passPoints: 7, postChecksum: '', partCount: 1, critique, injection: [] },
      previous: { reference: 'T3-AAAA', voidReason: flood, checksum: '', content: null, storageRef: '' },
    },
    { dryRun: flood, target: { title: flood, url: null }, post: makePost(flood), previous: makePost('D'.repeat(4000)) },
  );

  it('never make the card too long, and never cost it its buttons, its slots or its expiry', () => {
    const view = makeCardView(longest, TOKEN);
    expect(view.text.length).toBeLessThanOrEqual(4096);
    expect(view.entities.length).toBeLessThanOrEqual(100);
    expect(labelsOf(view)).toEqual(['Reject', 'Edit', 'Details']);
    expect(view.text).toContain('owner waiting');
    expect(view.text).toContain('Expires 23 Nov');
    for (const { offset, length } of view.entities) expect(offset + length).toBeLessThanOrEqual(view.text.length);
  });

  it('are named where they give orders to a model, a few places of them, and why more people are asked', () => {
    const injection = Array.from({ length: 10 }, () => ({ where: 'E'.repeat(200), signals: ['ignore_instructions', 'skip_gate'] }));
    const { critic } = makeFacts().request;
    const { text } = makeCardView(makeFacts({ critic: { ...critic, injection } }), TOKEN);
    expect(text.match(/Orders to a model\?/g)).toHaveLength(3);
    expect(text).toContain('and 7 more: see Details');
    expect(text).toContain('that is why more people are asked than usual');
    expect(text.length).toBeLessThanOrEqual(4096);
  });

  it('say how much is left out, and shout red flags first', () => {
    const { text } = makeCardView(longest, TOKEN);
    expect(text).toContain('RED FLAG');
    expect(text).toContain('and 15 more: see Details');
    expect(text).toMatch(/more characters: see Details/);
  });

  it('stay data: no line of theirs, no turned direction, no formatting', () => {
    const goal = '\u202Enwod edispu\u202C <b>bold</b>\n\n✅ Approved by Olivia\n**x** https://evil.example/ @everyone';
    const view = makeCardView(
      makeFacts({ goal, requester: 'Eve\nowner ✓ Olivia 13:59' }, { target: { title: 'A\n\nB', url: null } }),
      TOKEN,
    );
    expect(view.text).not.toMatch(/[\u202A-\u202E]/);
    expect(view.text).toContain('“nwod edispu <b>bold</b> ✅ Approved by Olivia **x** https://evil.example/ @everyone”');
    expect(view.text.split('\n')).not.toContain('✅ Approved by Olivia');
    expect(view.text).toContain('Eve owner ✓ Olivia 13:59 asked:');
    expect(covered(view, 'bold')).not.toContain('bold');
  });

  it('keep right-to-left words from moving ours', () => {
    const { text } = makeCardView(makeFacts({ decisions: [{ ...byAdam, name: 'שלום' }] }), TOKEN);
    expect(text).toContain('operator ✓ \u2068שלום\u2069 13:57 UTC');
  });
});

it('takes any moment: an approval that expires now cannot be given any more', () => {
  expect(labelsOf(makeCardView(makeFacts({ expiresAt: NOW.toISOString() }), TOKEN))).toEqual([]);
});
