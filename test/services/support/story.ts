import { inject } from 'vitest';
import { DATABASE_ROLES, makeRpc, type Transport } from '../../../src/store/rpc.ts';
import { makePostgresTransport } from '../../../src/store/transports/postgres.ts';
import { createDatabase } from '../../support/postgres.ts';
import type { OpenStory } from '../../support/stories.ts';
import { type PolicyOverrides, seedPolicy, seedTeam } from '../../support/story-world.ts';

/** Rpc quietly repeats what PostgreSQL undid because of a deadlock: here each of them is counted. */
export interface RacingStory extends OpenStory {
  countDeadlocks(): number;
}

const CONNECTIONS_PER_ROLE = 20;

/** A database on a real PostgreSQL, with many connections for each role, the team and a policy. */
export async function openRacingStory(overrides: PolicyOverrides = {}): Promise<RacingStory> {
  const database = await createDatabase(inject('templateUrl'));
  const postgres = makePostgresTransport({
    connectionString: database.url,
    roles: DATABASE_ROLES,
    maxConnectionsPerRole: CONNECTIONS_PER_ROLE,
    connectTimeoutMs: 20_000,
  });
  const { transport, countDeadlocks } = watchDeadlocks(postgres);
  const story: RacingStory = {
    rpc: (role) => makeRpc(transport, role),
    sql: database.sql,
    countDeadlocks,
    async close() {
      await postgres.close();
      await database.drop();
    },
  };
  await seedTeam(story);
  await seedPolicy(story, overrides);
  return story;
}

function watchDeadlocks(inner: Transport): { transport: Transport; countDeadlocks(): number } {
  let deadlocks = 0;
  const transport: Transport = {
    ...inner,
    async call(...args) {
      try {
        return await inner.call(...args);
      } catch (thrown) {
        if (typeof thrown === 'object' && thrown !== null && 'code' in thrown && thrown.code === '40P01') deadlocks += 1;
        throw thrown;
      }
    },
  };
  return { transport, countDeadlocks: () => deadlocks };
}

/** Starts `count` calls at once and waits for all of them. */
export function race<T>(count: number, call: (index: number) => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, (_, index) => call(index)));
}

export function shuffle<T>(items: readonly T[]): T[] {
  return items
    .map((item) => ({ item, at: Math.random() }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ item }) => item);
}

export const countBy = (values: readonly (string | null)[]) =>
  Object.fromEntries([...Map.groupBy(values, String)].map(([value, group]) => [value, group.length]));
