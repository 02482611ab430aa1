import { afterAll, beforeEach, expect, test } from 'vitest';
import { sweepIncidents } from '../../../src/store/incidents.ts';
import { openStory } from '../../support/stories.ts';
import { lastRecord, PEOPLE } from '../../support/story-world.ts';
import { begin, propose, show } from './support.ts';

const db = await openStory();
afterAll(() => db.close());

beforeEach(() =>
  db.sql(
    'delete from public.buttons; delete from public.cards; delete from public.runbook_steps; delete from public.runbook_runs; delete from public.breakers',
  ),
);

test('it says what each step would do, and nothing changes', async () => {
  const { code, run } = await propose(db, 'tool-failure', 'default');
  expect(code).toBeNull();
  expect(run).toMatchObject({ name: 'tool-failure', subject: 'engine:default', state: 'proposed' });
  expect(run?.steps.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'trip pending',
    'fallback pending',
    'notify pending',
    'canary pending',
    'timeouts pending',
  ]);
  expect(run?.steps[1]?.plan).toBe('critic: has no other engine, its steps wait; default: goes to fast');
  expect(await db.sql('select 1 from public.breakers')).toEqual([]);
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'runbook.propose', actor: 'tg:111' });
});

test.each([
  ['a reviewer', 'desync', null, PEOPLE.reviewer, 'no_role'],
  ['a stranger', 'desync', null, PEOPLE.stranger, 'no_role'],
  ['another name', 'reboot', null, PEOPLE.owner, 'unknown_runbook'],
  ['a tool that is none', 'tool-failure', 'nothing', PEOPLE.owner, 'unknown_tool'],
  ['no tool when none has failed', 'tool-failure', null, PEOPLE.owner, 'unknown_tool'],
])('%s is refused', async (_who, name, subject, externalId, code) => {
  expect(await propose(db, name, subject, externalId)).toMatchObject({ code, run: null });
  expect(await lastRecord(db, 'system')).toMatchObject({ action: 'runbook.refuse', after: { code } });
});

test('it runs by its own button, once, by those who may, while it is fresh', async () => {
  const { run } = await propose(db, 'desync');
  const { start } = await show(db, String(run?.runId));
  expect(await start(PEOPLE.reviewer)).toMatchObject({ code: 'no_role', deliver: [] });
  expect(await start(PEOPLE.owner, 701)).toMatchObject({ code: 'wrong_message' });
  await db.sql(`update public.runbook_runs set created_at = created_at - interval '16 minutes'`);
  expect(await start()).toMatchObject({ code: 'expired' });
  await db.sql(`update public.runbook_runs set created_at = now()`);
  expect(await start()).toMatchObject({ code: null, deliver: [{ job: 'runbook.run', id: run?.runId }] });
  expect(await start()).toMatchObject({ code: 'already_started' });
  expect(await propose(db, 'desync')).toMatchObject({ code: 'running' });
});

test('a step is done once; what a crash left is gone on with', async () => {
  const { advance, load, runId } = await begin(db, 'desync');
  expect(await advance()).toMatchObject({ did: 'examine', isOver: false });
  await db.sql(`update public.runbook_runs set next_at = now() - interval '1 minute'`);
  expect((await sweepIncidents(db.rpc('ags_worker'))).deliver).toMatchObject([{ job: 'runbook.run', id: runId }]);
  expect((await sweepIncidents(db.rpc('ags_worker'))).deliver).toEqual([]);
  expect(await advance()).toMatchObject({ did: 'rebuild' });
  expect((await load()).steps.map(({ state }) => state)).toEqual(['done', 'done', 'pending', 'pending']);
});
