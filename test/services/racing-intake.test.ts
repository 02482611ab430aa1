import { afterAll, afterEach, expect, test } from 'vitest';
import { z } from 'zod';
import { claimUpdates, completeUpdate, recordUpdates } from '../../src/store/inbox.ts';
import { meetPerson, seedPeople } from '../../src/store/people.ts';
import { startTask } from '../support/stories.ts';
import { openRacingStory, race } from './support/story.ts';

const db = await openRacingStory();
afterAll(() => db.close());
afterEach(() => expect(db.countDeadlocks()).toBe(0));
const bot = db.rpc('ags_bot');

test('twenty times one request is one task', async () => {
  for (let round = 0; round < 10; round += 1) {
    const taskIds = await race(20, () => startTask(db, { key: `update-${round}` }));
    expect(new Set(taskIds).size).toBe(1);
    expect(await db.sql('select 1 from public.tasks where source_key = $1', [`update-${round}`])).toHaveLength(1);
  }
});

test('twenty requests are twenty numbers without a gap', async () => {
  const taskIds = await race(20, () => startTask(db));
  const numbers = taskIds.map((taskId) => Number(taskId.split('-').at(-1))).toSorted((a, b) => a - b);
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => (numbers[0] ?? 0) + index));
});

test('twenty words of a new person are one person, also while the roles are seeded', async () => {
  const meet = () => meetPerson(bot, { externalId: 900, displayName: 'Nina', username: null, isPrivate: true });
  const met = await race(20, (index) => (index % 5 === 0 ? seedPeople(bot, [{ externalId: 900, role: 'reviewer' }]).then(meet) : meet()));
  expect(new Set(met.map(({ personId }) => personId)).size).toBe(1);
  expect(await db.sql(`select 1 from public.people where display_name in ('Nina', 'tg:900')`)).toHaveLength(1);
});

test('twenty bodies under one number, all at once: one is stored, and each other one has a record', async () => {
  const forge = (index: number) => ({ externalId: '900001', chatKey: 'forged', isUrgent: false, payload: { index } });
  const answers = await race(20, (index) => recordUpdates(bot, 'telegram', [forge(index)]));
  expect(answers.filter(({ recorded }) => recorded === 1)).toEqual([{ recorded: 1, conflicts: [] }]);
  expect(answers.filter(({ conflicts }) => conflicts.length === 1)).toHaveLength(19);
  const records = "select 1 from public.audit_logs where action = 'inbox.conflict' and after_json -> 'external_ids' ? '900001'";
  expect(await db.sql(records)).toHaveLength(19);
  await db.sql("delete from public.inbox where external_id = '900001'");
});

test('many machines record and handle at once: each update once, each chat in its order, one at a time', async () => {
  const chats = Array.from({ length: 6 }, (_, index) => `chat-${index}`);
  const perChat = 15;
  const handled = new Map<string, string[]>();
  const underWay = new Set<string>();
  let isRecorded = false;

  const record = async (chat: string, chatIndex: number) => {
    for (let number = 0; number < perChat; number += 1) {
      const update = { externalId: `${chatIndex * 1000 + number}`, chatKey: chat, isUrgent: false, payload: { number } };
      // Telegram delivers twice now and then.
      await Promise.all([recordUpdates(bot, 'telegram', [update]), recordUpdates(bot, 'telegram', [update])]);
    }
  };
  const work = async (worker: string) => {
    for (;;) {
      const wasRecorded = isRecorded;
      const taken = await claimUpdates(bot, { worker, limit: 4, leaseSeconds: 60 });
      if (taken.length === 0 && wasRecorded) return;
      for (const { chatKey, externalId } of taken) {
        expect(underWay.has(chatKey), `${chatKey} is handled twice at once`).toBe(false);
        underWay.add(chatKey);
        handled.set(chatKey, [...(handled.get(chatKey) ?? []), externalId]);
      }
      await Promise.all(
        taken.map(async ({ inboxId, chatKey }) => {
          underWay.delete(chatKey);
          expect(await completeUpdate(bot, { inboxId, worker, outcome: 'processed', error: null })).toEqual({ status: 'processed' });
        }),
      );
    }
  };
  const recording = Promise.all(chats.map(record)).finally(() => {
    isRecorded = true;
  });
  await Promise.all([recording, ...['a', 'b', 'c', 'd'].map(work)]);
  await work('last');
  for (const [index, chat] of chats.entries()) {
    expect(handled.get(chat)).toEqual(Array.from({ length: perChat }, (_, number) => `${index * 1000 + number}`));
  }
});

test('eight writers never fork a chain', async () => {
  const taskId = await startTask(db);
  const Proof = z.object({ is_intact: z.boolean(), records: z.number() }).loose();
  const before = z.number().parse((await db.sql(`select count(*)::int as count from public.audit_logs where chain = 'system'`))[0]?.count);
  const refuse = () => startTask(db, { by: 999 }).catch((thrown) => expect(thrown).toMatchObject({ code: 'not_allowed' }));
  const cancel = () =>
    bot.call('cancel_task', { p_task_id: taskId, p_external_id: 999, p_reason: null }, z.looseObject({ code: z.literal('no_role') }));
  await race(8, async () => {
    for (let turn = 0; turn < 25; turn += 1) await Promise.all([refuse(), cancel()]);
  });
  const verify = (chain: string) => bot.call('verify_audit_chain', { p_chain: chain }, Proof);
  expect(await verify('system')).toMatchObject({ is_intact: true, records: before + 200 });
  expect(await verify(taskId)).toMatchObject({ is_intact: true, records: 201 });
});
