/**
 * An example for other programs: `REDIS_URL=… node docs/examples/consume-events.ts [group] [name]` prints every event once, as a line of
 * JSON. The group remembers how far it came, also while nobody of it runs; several of one group share the work. Ends with SIGINT.
 */
import { Redis } from 'ioredis';

const STREAM = 'ags:events';
/** Entries that another member took and did not finish for so long are taken over. */
const ABANDONED_MS = 60_000;
/** So that the end is noticed soon. */
const BLOCK_MS = 2_000;

type Entry = [id: string, fields: string[]];

const [group = 'example', name = `${process.pid}`] = process.argv.slice(2);
const redis = new Redis(process.env.REDIS_URL ?? 'redis://127.0.0.1:6379');
let isEnding = false;
process.once('SIGINT', () => {
  isEnding = true;
});

// From the first entry that is kept; `$` instead of `0` begins with what comes from now on.
await redis.xgroup('CREATE', STREAM, group, '0', 'MKSTREAM').catch((thrown: unknown) => {
  if (!String(thrown).includes('BUSYGROUP')) throw thrown;
});

/** A crash of the program may append an event twice. A real consumer keeps these keys with what it does, in one transaction. */
const seen = new Set<string>();

function handle(fields: string[]): void {
  // Entries alternate names and values: type, task_id, event.
  const event: { idempotency_key: string } = JSON.parse(fields[fields.indexOf('event') + 1] ?? '{}');
  if (seen.has(event.idempotency_key)) return;
  seen.add(event.idempotency_key);
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function handleAll(entries: Entry[]): Promise<void> {
  for (const [id, fields] of entries) {
    handle(fields);
    // Only what has been handled: what is not acknowledged comes again.
    await redis.xack(STREAM, group, id);
  }
}

while (!isEnding) {
  // ioredis does not know the shapes of these two answers.
  const [, abandoned] = (await redis.xautoclaim(STREAM, group, name, ABANDONED_MS, '0', 'COUNT', 100)) as [string, Entry[]];
  await handleAll(abandoned);
  const read = await redis.xreadgroup('GROUP', group, name, 'COUNT', 100, 'BLOCK', BLOCK_MS, 'STREAMS', STREAM, '>');
  for (const [, entries] of (read ?? []) as [string, Entry[]][]) await handleAll(entries);
}
redis.disconnect();
