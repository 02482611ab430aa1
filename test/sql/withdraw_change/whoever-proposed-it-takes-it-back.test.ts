import { afterAll, expect, test } from 'vitest';
import { withdrawChange } from '../../../src/store/changes.ts';
import { applyChange, decideAs, grantRole, openChange } from '../../support/changes.ts';
import { openStory } from '../../support/stories.ts';
import { lastRecord, PEOPLE } from '../../support/story-world.ts';

const db = await openStory();
afterAll(() => db.close());
const withdraw = (reference: string, externalId: number) =>
  withdrawChange(db.rpc('ags_bot'), { reference, externalId, reason: 'wrong person' });

test('the one who proposed it, nobody else, and once', async () => {
  const { reference } = await openChange(db, grantRole(PEOPLE.member, 'operator'));
  expect(await withdraw(reference, PEOPLE.secondOwner)).toMatchObject({ outcome: 'refused', code: 'not_yours' });
  const answer = await withdraw(reference.toLowerCase(), PEOPLE.owner);
  expect(answer).toMatchObject({
    outcome: 'withdrawn',
    code: null,
    change: { status: 'void', voidReason: 'Olivia took it back: wrong person' },
  });
  expect(await lastRecord(db, 'system')).toMatchObject({ actor: 'tg:101', action: 'change.void', object: reference });
  expect(await withdraw(reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'void' });
  expect(await decideAs(db, { reference }, PEOPLE.operator)).toMatchObject({ outcome: 'refused', code: 'void' });
});

test('not what is in force, nor what there never was', async () => {
  const { reference } = await applyChange(db, grantRole(PEOPLE.member, 'operator'));
  expect(await withdraw(reference, PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'already_applied' });
  expect(await withdraw('T3-ZZZZ', PEOPLE.owner)).toMatchObject({ outcome: 'refused', code: 'unknown_reference' });
});
