import { Queue, Worker } from 'bullmq';

/** As many as a T1 task has. */
const STEPS = 7;

interface BareJob {
  step: number;
}

export interface BareOptions {
  redisUrl: string;
  inFlight: number;
  durationMs: number;
  warmUpMs?: number;
}

/**
 * The floor: BullMQ on the same Redis with nothing around it. A task is seven jobs that do nothing; each adds the next, nothing is kept of
 * any. Queue and worker are in this process. Resolves with tasks per second within `durationMs`.
 */
export async function runBareChain({ redisUrl, inFlight, durationMs, warmUpMs = 1_000 }: BareOptions): Promise<number> {
  const connection = { url: redisUrl, maxRetriesPerRequest: null };
  const options = { connection, prefix: '{bare}' };
  const queue = new Queue<BareJob>('bare', options);
  const add = (step: number) => queue.add('step', { step }, { removeOnComplete: true, removeOnFail: true });
  const startMs = performance.now() + warmUpMs;
  const endMs = startMs + durationMs;
  let counted = 0;
  const { promise: failed, reject } = Promise.withResolvers<never>();
  const worker = new Worker<BareJob>(
    'bare',
    async ({ data: { step } }) => {
      if (step < STEPS) return void (await add(step + 1));
      const now = performance.now();
      if (now > startMs && now <= endMs) counted += 1;
      if (now <= endMs) await add(1);
    },
    { ...options, concurrency: inFlight },
  );
  worker.on('failed', (_job, error) => reject(error));
  try {
    await Promise.all(Array.from({ length: inFlight }, () => add(1)));
    const { promise: over, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, warmUpMs + durationMs);
    await Promise.race([over, failed]);
  } finally {
    await worker.close();
    await queue.obliterate({ force: true });
    await queue.close();
  }
  return counted / (durationMs / 1000);
}
