import { afterAll, expect, test } from 'vitest';
import { recordCard } from '../../../src/store/cards.ts';
import { openChangeCard, reproposeChange } from '../../../src/store/changes.ts';
import { sweep } from '../../../src/store/steps.ts';
import { decideAs, grantRole, openChange } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { PEOPLE, PLACES } from '../../support/story-world.ts';

const { owner, secondOwner, operator, member } = PEOPLE;
const db = await openStory();
afterAll(() => db.close());
const bot = db.rpc('ags_bot');
const due = async (job: string) => (await sweep(db.rpc('ags_worker'), 30_000)).deliver.filter((delivery) => delivery.job === job);
const age = (changeId: string, column: 'remind_at' | 'escalate_at' | 'warn_at') =>
  db.sql(`update public.changes set ${column} = now() - interval '1 second' where change_id = $1`, [changeId]);

test('an open change is called to mind, escalated and announced before it expires, once each', async () => {
  const { changeId, reference } = await openChange(db, grantRole(member, 'reviewer'));
  const [times] = await db.sql(
    `select (extract(epoch from remind_at - created_at) / 60)::int as remind, (extract(epoch from escalate_at - created_at) / 60)::int as escalate, (extract(epoch from expires_at - warn_at) / 60)::int as warn from public.changes where reference = $1`,
    [reference],
  );
  expect(times).toEqual({ remind: 5, escalate: 15, warn: 60 });
  for (const [index, column] of (['remind_at', 'escalate_at', 'warn_at'] as const).entries()) {
    expect(await due('change.remind')).toEqual([]);
    await age(changeId, column);
    expect(await due('change.remind')).toEqual([{ job: 'change.remind', id: changeId, seq: index + 1, delayMs: 0 }]);
  }
  expect(await decideAs(db, { reference }, operator, { decision: 'reject', reason: 'no' })).toMatchObject({ outcome: 'rejected' });
  await age(changeId, 'remind_at');
  expect(await due('change.remind')).toEqual([]);
});

test('after a standstill people are called once, by the most urgent call', async () => {
  const { changeId, reference } = await openChange(db, grantRole(member, 'reviewer'));
  for (const column of ['remind_at', 'escalate_at', 'warn_at'] as const) await age(changeId, column);
  expect(await due('change.remind')).toMatchObject([{ id: changeId, seq: 3 }]);
  expect(await due('change.remind')).toEqual([]);
  await decideAs(db, { reference }, operator, { decision: 'reject', reason: 'no' });
});

test('what expired is proposed again by whoever presses and may, and is a proposal like any other', async () => {
  const change = await openChange(db, grantRole(member, 'operator'));
  const { card } = await openChangeCard(bot, change.changeId, { chatId: PLACES.admin, topicId: null });
  await recordCard(bot, card.cardId, 700);
  const press = (externalId: number, messageId = 700) =>
    reproposeChange(bot, { token: card.token, chatId: PLACES.admin, messageId, externalId });
  expect(await press(owner)).toEqual({ code: 'not_expired', proposal: null });
  await db.sql(
    `update public.changes set created_at = now() - interval '2 days', expires_at = now() - interval '1 second' where change_id = $1`,
    [change.changeId],
  );
  await sweep(db.rpc('ags_worker'), 30_000);
  expect(await press(owner, 701)).toEqual({ code: 'wrong_message', proposal: null });
  expect(await press(operator)).toMatchObject({ code: null, proposal: { outcome: 'refused', code: 'no_role' } });
  const { proposal } = await press(secondOwner);
  expect(proposal).toMatchObject({
    outcome: 'proposed',
    slot: 'owner',
    change: { kind: 'role_grant', checksum: change.checksum, proposer: 'Oscar' },
  });
  expect(proposal?.change?.reference).not.toBe(change.reference);
  expect(await press(owner)).toMatchObject({ proposal: { outcome: 'exists' } });
  expect(await decideAs(db, proposal?.change ?? { reference: '' }, operator)).toMatchObject({ outcome: 'applied' });
});
