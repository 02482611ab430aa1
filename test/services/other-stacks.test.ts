import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { PERSONAS } from '../../src/sandbox/world.ts';
import { startFakeStorage } from '../support/fake-storage.ts';
import { type Fleet, openFleet, POST_GOAL } from '../support/fleet.ts';
import { type Program, startProgram } from '../support/program.ts';
import { JWT_SECRET, RESTORE_GRANTS, SECRET_KEY, startSupabaseLite } from '../support/supabase-lite.ts';
import { giveTask, listPublished, pressCard, waitForCard } from '../support/telling.ts';
import { expectAllDone, expectChainsIntact, expectEffectsOnce, expectInboxEmpty } from './support/fleet-counts.ts';

const { adam, bella } = PERSONAS;
const LONG = { timeoutMs: 30_000 };

let fleet: Fleet;
beforeAll(async () => {
  fleet = await openFleet({ templateUrl: inject('templateUrl'), updates: 'polling' });
});
afterAll(() => fleet?.[Symbol.asyncDispose]());

/** The variables of a process without those that say where its store and its queue are. */
async function withoutServers(): Promise<{ REDIS_URL: string; bare: Record<string, string> }> {
  const { REDIS_URL = '', DATABASE_URL: _, ...bare } = await fleet.variablesFor('bot');
  return { REDIS_URL, bare };
}

/** A post from the request to the channel, on every role in one process, which then ends in order. */
async function tellStory(program: Program, number: number): Promise<void> {
  try {
    await program.started();
    const before = listPublished(fleet).length;
    const task = await giveTask(fleet, adam.id, `${POST_GOAL} ${number}`);
    const card = await waitForCard(fleet, task);
    await pressCard(fleet, bella.id, card, 'Approve');
    const says = () => fleet.telegram.message(task.chatId, task.messageId)?.text?.includes('\n✅ done\n');
    await fleet.telegram.waitFor(says, { ...LONG, what: 'the message to say that it is done' });
    expect(listPublished(fleet)).toHaveLength(before + 1);
    program.signal('SIGTERM');
    expect(await program.ended).toBe(0);
  } finally {
    program.signal('SIGKILL');
    await program.ended;
  }
}

test('DATABASE_URL alone: without a schema for the queue it says which statement makes one, with it everything runs on PostgreSQL', async () => {
  const { bare } = await withoutServers();
  const DATABASE_URL = await fleet.databaseUrlFor('bot', 'worker', 'web');
  const refused = startProgram({ ...bare, DATABASE_URL });
  expect(await refused.ended).toBe(78);
  expect(refused.stderr()).toContain('create schema bullmq authorization');

  const login = new URL(DATABASE_URL).username;
  await fleet.sql(`create schema bullmq authorization ${login}`);
  await fleet.sql(`do $$ begin execute format('grant create on database %I to ${login}', current_database()); end $$`);
  await tellStory(startProgram({ ...bare, DATABASE_URL }), 1);
  await expectAllDone(fleet, 1);
  await expectEffectsOnce(fleet, { reply: 0, post: 1 });
  await expectInboxEmpty(fleet);
  expect(await expectChainsIntact(fleet)).toBe(2);
}, 120_000);

test('REDIS_URL alone: the store in the process, the jobs on Redis', async () => {
  const { bare, REDIS_URL } = await withoutServers();
  await tellStory(startProgram({ ...bare, REDIS_URL }), 2);
}, 120_000);

test('SUPABASE_URL and REDIS_URL without DATABASE_URL: everything through the API, with role tokens', async () => {
  const { bare, REDIS_URL } = await withoutServers();
  const before = (await fleet.sql('select 1 from public.tasks')).length;
  const lite = await startSupabaseLite(fleet.ownerUrl);
  const storage = await startFakeStorage({ secretKey: SECRET_KEY });
  // The library's own storage needs more than a database.
  lite.setTrouble((request) => {
    const { pathname } = new URL(request.url);
    return pathname.startsWith('/storage/v1/') ? fetch(new Request(new URL(pathname, storage.url), request)) : null;
  });
  try {
    const supabase = { SUPABASE_URL: lite.url, SUPABASE_SECRET_KEY: SECRET_KEY, SUPABASE_JWT_SECRET: JWT_SECRET };
    await tellStory(startProgram({ ...bare, REDIS_URL, ...supabase }), 3);
    expect([...storage.buckets]).toEqual([['tasks', { public: false }]]);
    expect(storage.objects.size).toBeGreaterThan(0);
  } finally {
    await Promise.all([lite.close(), storage.close()]);
    await fleet.sql(RESTORE_GRANTS);
  }
  await expectAllDone(fleet, before + 1);
  await expectEffectsOnce(fleet, { reply: 0, post: before + 1 });
}, 120_000);
