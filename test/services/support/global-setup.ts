import type { TestProject } from 'vitest/node';
import { startPostgres } from '../../support/postgres.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of the migrated template: `createDatabase(inject('templateUrl'))` makes a test file's own. */
    templateUrl: string;
  }
}

/** One PostgreSQL for the whole run. It fails, and with it the run, when there is none. */
export default async function setUp(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres();
  project.provide('templateUrl', server.templateUrl);
  return () => server.stop();
}
