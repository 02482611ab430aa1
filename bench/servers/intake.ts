import { sha256 } from '../../src/domain/ids.ts';
import { makeJobQueue } from '../../src/jobs/queue.ts';
import { PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { connectRedis } from '../../src/servers/redis.ts';
import { makeRedisQueue } from '../../src/servers/redis-queue.ts';
import { makeRpc } from '../../src/store/rpc.ts';
import { createTask, recordTaskMessage } from '../../src/store/tasks.ts';
import { makePostgresTransport } from '../../src/store/transports/postgres.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { seedTeam } from '../../test/support/story-world.ts';
import type { ServerWorld } from './world.ts';

/** What the bot does with `/task`, without Telegram's limits on how often people may write: the row, the nudge, the message. */
export interface Intake extends AsyncDisposable {
  /** Gives one task, as the next of several people; resolves with its id once it is with the workers. */
  give(): Promise<string>;
}

/** On a busy machine the load must not fail before what it is put on. */
const PATIENCE_MS = 30_000;

const GIVERS = [PERSONAS.adam.id, PERSONAS.bella.id, PERSONAS.olivia.id, PERSONAS.oscar.id];

export async function openIntake({ apiRoot, databaseUrl, redisUrl, sql }: ServerWorld): Promise<Intake> {
  const log = makeLogger({ level: 'warn' });
  const transport = makePostgresTransport({ connectionString: databaseUrl, roles: ['ags_bot'], connectTimeoutMs: PATIENCE_MS });
  const rpc = makeRpc(transport, 'ags_bot');
  await seedTeam({ rpc: () => rpc, sql });
  const connections = connectRedis({ url: redisUrl, log });
  const redisQueue = makeRedisQueue(connections);
  const queue = makeJobQueue(redisQueue.stack, log);
  const messages = new Map<number, number>();
  for (const chatId of GIVERS) messages.set(chatId, await sendMessage(apiRoot, chatId));
  let given = 0;

  return {
    async give() {
      const chatId = GIVERS[given % GIVERS.length] ?? PERSONAS.adam.id;
      given += 1;
      const goal = `Summarise the notes on item ${given}`;
      const created = await createTask(rpc, { ...toRequest(goal, chatId), sourceKey: String(given) });
      // Tasks of one chat share one message here; each draws it anew, as if it were its own.
      await Promise.all([queue.deliver(created.deliver), recordTaskMessage(rpc, created.taskId, messages.get(chatId) ?? 0)]);
      return created.taskId;
    },
    async [Symbol.asyncDispose]() {
      await queue.close();
      await redisQueue.close();
      await connections.close();
      await transport.close();
    },
  };
}

function toRequest(goal: string, chatId: number) {
  const content = JSON.stringify({ goal, vault: {}, context: [], attachments: [] });
  const about = { checksum: sha256(content), sizeBytes: content.length, content };
  const input = { name: 'input.json', type: 'input', contentType: 'application/json', ...about } as const;
  const place = { chatId, topicId: null, requestMessageId: null };
  return { source: 'telegram', actor: `tg:${chatId}`, externalId: chatId, goal, input, ...place } as const;
}

async function sendMessage(apiRoot: string, chatId: number): Promise<number> {
  const response = await fetch(`${apiRoot}/bot${SANDBOX_BOT.token}/sendMessage`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ chat_id: chatId, text: 'A task was given.' }),
  });
  // The sandbox's own answer, in Telegram's form.
  const { result } = (await response.json()) as { result: { message_id: number } };
  return result.message_id;
}
