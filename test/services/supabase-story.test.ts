import { afterAll, expect, inject, test } from 'vitest';
import { DATABASE_ROLES, makeRpc } from '../../src/store/rpc.ts';
import { claimStep } from '../../src/store/steps.ts';
import { explainTask } from '../../src/store/tasks.ts';
import { makeSupabaseTransport } from '../../src/store/transports/supabase.ts';
import { createDatabase } from '../support/postgres.ts';
import { approveTask, runToEnd, startTask } from '../support/stories.ts';
import { seedPolicy, seedTeam } from '../support/story-world.ts';
import { JWT_SECRET, SECRET_KEY, startSupabaseLite } from '../support/supabase-lite.ts';
import { countBy, race } from './support/story.ts';

const database = await createDatabase(inject('templateUrl'));
const lite = await startSupabaseLite(database.url);
afterAll(async () => {
  await lite.close();
  await database.drop();
});

test.each([
  ['role tokens', JWT_SECRET],
  ['the secret key alone', null],
])('a post goes from the plan to the archive through supabase-js, with %s', async (_, jwtSecret) => {
  const transport = makeSupabaseTransport({ url: lite.url, secretKey: SECRET_KEY, jwtSecret, roles: DATABASE_ROLES });
  const db = { rpc: (role: (typeof DATABASE_ROLES)[number]) => makeRpc(transport, role), sql: database.sql };
  await seedTeam(db);
  await seedPolicy(db);
  const { taskId } = await approveTask(db);
  expect(await runToEnd(db, taskId)).toMatchObject({ status: 'done' });
  expect(await database.sql(`select status from public.effects where task_id = $1`, [taskId])).toEqual([{ status: 'done' }]);
  expect(await explainTask(db.rpc('ags_bot'), taskId)).toMatchObject({ chain: { isIntact: true } });
  const next = await startTask(db);
  const claims = await race(8, (index) => claimStep(db.rpc('ags_worker'), `${next}/plan`, { worker: `worker-${index}`, leaseSeconds: 60 }));
  expect(countBy(claims.map((held) => (held === null ? 'taken' : 'claimed')))).toEqual({ claimed: 1, taken: 7 });
});
