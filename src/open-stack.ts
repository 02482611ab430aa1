import { join } from 'node:path';
import type { Stack } from './app/stack.ts';
import type { Config } from './config.ts';
import { openEmbeddedStack } from './embedded/stack.ts';
import type { BlobStore } from './memory/blobs.ts';
import { makeFileBlobStore } from './memory/file-blobs.ts';
import { openServerQueue, type ServerQueue } from './servers/queue.ts';
import { openServerStore } from './servers/store.ts';
import type { Logger } from './telemetry/log.ts';

export interface OpenStackOptions {
  migrationsDir: string;
  log: Logger;
  /** Ends a start that waits for a server. */
  signal: AbortSignal;
  /** The store has answered, and the queue is asked next. */
  onQueue?(): void;
}

/** Opens what the configuration names, part by part; nothing after this knows which it was. Throws as the parts do. */
export async function openStack(config: Config, options: OpenStackOptions): Promise<Stack> {
  if (config.store.kind === 'embedded') return openEmbedded(config, options);
  const [first, ...others] = config.roles.map((role) => `ags_${role}` as const);
  if (first === undefined) throw new TypeError('a process has at least one role');
  const store = await openServerStore({
    store: config.store,
    isUnsafeAllowed: config.isUnsafePostgresAllowed,
    roles: [first, ...others],
    ...options,
  });
  try {
    const between = await openBetween(config, options);
    if (between === null) throw new TypeError('a store on a server has its queue on a server');
    return {
      ...between,
      transport: store.transport,
      blobs: await openBlobs(config),
      warnings: [...store.warnings, ...between.warnings],
      isExclusive: false,
      async close() {
        await between.close();
        await store.transport.close();
      },
    };
  } catch (thrown) {
    await store.transport.close();
    throw thrown;
  }
}

/** Everything in this process; with REDIS_URL the jobs and the short-term memory are there instead. */
async function openEmbedded(config: Config, options: OpenStackOptions): Promise<Stack> {
  const blobsDir = toBlobsDir(config.dataDir);
  const embedded = await openEmbeddedStack({ storage: { dataDir: config.dataDir }, blobsDir, ...options });
  try {
    const between = await openBetween(config, options);
    if (between === null) return embedded;
    return {
      ...embedded,
      ...between,
      async close() {
        await between.close();
        await embedded.close();
      },
    };
  } catch (thrown) {
    await embedded.close();
    throw thrown;
  }
}

async function openBetween({ queue }: Config, { log, signal, onQueue }: OpenStackOptions): Promise<ServerQueue | null> {
  onQueue?.();
  return queue.kind === 'embedded' ? null : openServerQueue({ queue, log, signal });
}

async function openBlobs({ store, blobs, dataDir }: Config): Promise<BlobStore> {
  if (store.kind !== 'supabase' || blobs.kind === 'files') return makeFileBlobStore(toBlobsDir(dataDir));
  const { makeSupabaseBlobStore } = await import('./memory/supabase-blobs.ts');
  return makeSupabaseBlobStore({ url: store.url, secretKey: store.secretKey.reveal() });
}

const toBlobsDir = (dataDir: string): string => join(dataDir, 'storage');
