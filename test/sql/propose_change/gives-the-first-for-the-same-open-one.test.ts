import { afterAll, expect, test } from 'vitest';
import { decideAs, grantRole, openChange, proposeAs } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const proposed = grantRole(PEOPLE.member, 'reviewer');

test('the same open proposal again, by whomever, is the first one and counts nobody twice', async () => {
  const first = await openChange(db, proposed);
  for (const who of [PEOPLE.owner, PEOPLE.secondOwner]) {
    const again = await proposeAs(db, who, proposed, 'again');
    expect(again).toMatchObject({ outcome: 'exists', slot: null, deliver: [], change: { changeId: first.changeId, proposer: 'Olivia' } });
    expect(again.change?.decisions).toHaveLength(1);
  }
});

test('another proposal about the same person is another one', async () => {
  const other = await proposeAs(db, PEOPLE.owner, grantRole(PEOPLE.member, 'operator'));
  expect(other).toMatchObject({ outcome: 'proposed' });
});

test('after it was rejected the same may be proposed anew, under a reference that was never used', async () => {
  const first = await openChange(db, proposed);
  await decideAs(db, first, PEOPLE.operator, { decision: 'reject', reason: 'not yet' });
  const next = await openChange(db, proposed);
  expect(next.reference).not.toBe(first.reference);
  expect(next).toMatchObject({ status: 'pending' });
});

test('one whose time is over makes way before any sweep has found it', async () => {
  const first = await openChange(db, proposed);
  await db.sql(
    `update public.changes set created_at = now() - interval '2 days', expires_at = now() - interval '1 second' where change_id = $1`,
    [first.changeId],
  );
  const next = await openChange(db, proposed);
  expect(next.changeId).not.toBe(first.changeId);
  const [row] = await db.sql('select status from public.changes where change_id = $1', [first.changeId]);
  expect(row).toEqual({ status: 'expired' });
});
