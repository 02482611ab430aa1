import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../support/postgres.ts';
import { startRedis } from '../../support/redis.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the migrated template: `createDatabase(inject('templateUrl'))` makes a test file's own. */
    templateUrl: string;
    /** `openRedisSpace(inject('redisUrl'))` makes a test file's own part of it. */
    redisUrl: string;
  }
}

/** One PostgreSQL and one Redis for the whole run. It fails, and with it the run, when one of them is missing. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const redis = await startRedis();
  try {
    const postgres = await startPostgres();
    project.provide('templateUrl', postgres.templateUrl);
    project.provide('redisUrl', redis.url);
    return async () => void (await Promise.all([postgres.stop(), redis.stop()]));
  } catch (thrown) {
    await redis.stop();
    throw thrown;
  }
}
