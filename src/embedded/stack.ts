import { makeFileBlobStore } from '../memory/file-blobs.ts';
import { makeLocalInboxNews } from '../store/inbox-news.ts';
import { type EmbeddedOptions, openEmbeddedDatabase } from './pglite.ts';
import { makePgliteTransport } from './pglite-transport.ts';
import { makeEmbeddedQueueBackend } from './queue-backend.ts';

export interface EmbeddedStackOptions extends EmbeddedOptions {
  /** Where artifacts go that are too large for a row. */
  blobsDir: string;
}

/** Store, queue and artifacts in this process and under one directory. */
export async function openEmbeddedStack({ blobsDir, ...options }: EmbeddedStackOptions) {
  const db = await openEmbeddedDatabase(options);
  const queue = makeEmbeddedQueueBackend(db);
  await queue.migrate();
  return {
    transport: makePgliteTransport(db.session),
    queue: { connection: queue.connection, backend: queue.backend },
    blobs: makeFileBlobStore(blobsDir),
    inboxNews: makeLocalInboxNews(),
    warnings: [],
    // The data directory is locked by this process.
    isExclusive: true,
    async close() {
      await queue.close();
      await db.close();
    },
  };
}
