import { describe } from 'vitest';
import { makeEmbeddedQueueBackend } from '../../src/embedded/queue-backend.ts';
import { openTestDatabase } from '../support/database.ts';
import { testQueue } from '../support/queue-conformance.ts';

describe('the queues of a process on its own database', () => {
  testQueue(async () => {
    const database = await openTestDatabase();
    const { connection, backend, migrate, close } = makeEmbeddedQueueBackend(database.db);
    await migrate();
    return {
      stack: { connection, backend },
      async close() {
        await close();
        await database.close();
      },
    };
  });
});
