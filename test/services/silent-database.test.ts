import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { makeJobQueue } from '../../src/jobs/queue.ts';
import { openPostgresQueue } from '../../src/servers/postgres-queue.ts';
import { loadAnchorState } from '../../src/store/anchors.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { makeRpc } from '../../src/store/rpc.ts';
import { loadSystemStatus } from '../../src/store/system.ts';
import { makePostgresTransport } from '../../src/store/transports/postgres.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { createDatabase, type PostgresDatabase } from '../support/postgres.ts';
import { nudge } from '../support/queue-conformance.ts';
import { openSilentLink, type SilentLink } from '../support/silent-link.ts';

const SOON = { callTimeoutMs: 300, connectTimeoutMs: 300 };

let database: PostgresDatabase;
let link: SilentLink;
beforeAll(async () => {
  database = await createDatabase(inject('templateUrl'));
  link = await openSilentLink(database.url);
});
afterAll(async () => {
  await link?.close();
  await database?.drop();
});

test('a database that says nothing any more is an outage, also on connections that are open; they are not used again', async () => {
  const transport = makePostgresTransport({ connectionString: link.url, roles: ['ags_worker'], ...SOON });
  const rpc = makeRpc(transport, 'ags_worker');
  await Promise.all(Array.from({ length: 5 }, () => loadSystemStatus(rpc)));
  link.fallSilent();
  const silence = { code: 'store_unavailable', retry: 'later' };
  // More than there are connections: the open ones are silent, and so are new ones.
  const asked = await Promise.allSettled(Array.from({ length: 12 }, () => loadSystemStatus(rpc)));
  for (const answer of asked) expect(answer).toMatchObject({ status: 'rejected', reason: silence });
  await expect(transport.ping()).rejects.toMatchObject({ code: 'store_unavailable' });
  await expect.poll(() => link.countOpen()).toBe(0);
  link.speak();
  await loadSystemStatus(rpc);
  await transport.close();
});

test('what takes longer the more has been written has a longer time', async () => {
  const transport = makePostgresTransport({ connectionString: database.url, roles: ['ags_bot'], callTimeoutMs: 300 });
  const rpc = makeRpc(transport, 'ags_bot');
  const holder = new pg.Client({ connectionString: database.url });
  await holder.connect();
  await holder.query('begin; lock table public.anchors');
  const verifying = verifyAudit(rpc);
  // Asked later, given up earlier.
  await expect(loadAnchorState(rpc)).rejects.toMatchObject({ code: 'store_unavailable' });
  await holder.end();
  expect((await verifying).problems).toEqual([]);
  await transport.close();
});

test('a nudge into a queue that says nothing any more is left to the sweeper', async () => {
  const lines: string[] = [];
  const log = makeLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const { stack, close } = await openPostgresQueue({ databaseUrl: link.url, log, callTimeoutMs: 300 });
  const queue = makeJobQueue(stack, log);
  await queue.ping();
  link.fallSilent();
  await queue.deliver([nudge('T-1/act')]);
  expect(lines.some((line) => line.includes('left to the sweeper'))).toBe(true);
  await expect(queue.ping()).rejects.toMatchObject({ code: 'queue_unavailable' });
  link.speak();
  await queue.ping();
  await queue.close();
  await close();
});
