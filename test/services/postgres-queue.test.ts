import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { openPostgresQueue } from '../../src/servers/postgres-queue.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { createDatabase } from '../support/postgres.ts';
import { makeBench, nudge, testQueue } from '../support/queue-conformance.ts';

const log = makeLogger({ level: 'silent' });

testQueue(async () => {
  const database = await createDatabase(inject('templateUrl'));
  const queue = await openPostgresQueue({ databaseUrl: database.url, log });
  return {
    stack: queue.stack,
    async close() {
      await queue.close();
      await database.drop();
    },
  };
});

test('a login that may not make the schema is told what to grant, and needs no right to it when it is there', async () => {
  const database = await createDatabase(inject('templateUrl'));
  const login = `queue_login_${randomBytes(4).toString('hex')}`;
  const url = new URL(database.url);
  [url.username, url.password] = [login, 'pw'];
  await database.sql(`create role ${login} login password 'pw'`);
  await expect(openPostgresQueue({ databaseUrl: url.href, log })).rejects.toMatchObject({
    code: 'config_invalid',
    context: { problems: [expect.stringMatching(/^DATABASE_URL: .*bullmq/)] },
  });
  const owners = await openPostgresQueue({ databaseUrl: database.url, log });
  await owners.close();
  await database.sql(`grant usage on schema bullmq to ${login}; grant all on all tables in schema bullmq to ${login};
    grant all on all sequences in schema bullmq to ${login}`);
  const queue = await openPostgresQueue({ databaseUrl: url.href, log });
  const bench = makeBench(() => queue.stack);
  const done: string[] = [];
  bench.startWorker(async ({ id }) => void done.push(id));
  await bench.makeQueue().deliver([nudge('T-1/act')]);
  await expect.poll(() => done).toEqual(['T-1/act']);
  await bench.closeAll();
  await queue.close();
  await database.sql(`drop owned by ${login}; drop role ${login}`);
  await database.drop();
});

test('a database that does not answer is an outage', async () => {
  await expect(openPostgresQueue({ databaseUrl: 'postgresql://nobody:canary@127.0.0.1:1/none', log })).rejects.toMatchObject({
    code: 'queue_unavailable',
    message: expect.not.stringContaining('canary'),
  });
});
