import { afterAll, beforeAll, describe, inject } from 'vitest';
import { type PrivateRedis, startPrivateRedis } from '../../scripts/private-redis.ts';
import { startPostgresInboxNews } from '../../src/servers/postgres-inbox-news.ts';
import { connectRedis } from '../../src/servers/redis.ts';
import { makeRedisInboxNews } from '../../src/servers/redis-inbox-news.ts';
import { makeLogger } from '../../src/telemetry/log.ts';
import { testInboxNews, testLostInboxNews } from '../support/inbox-news-conformance.ts';
import { createDatabase, createEmptyDatabase, type PostgresDatabase } from '../support/postgres.ts';

const log = makeLogger({ level: 'silent' });

describe('over Redis', () => {
  let server: PrivateRedis;
  beforeAll(async () => {
    server = await startPrivateRedis();
  });
  afterAll(async () => server?.stop());

  const connect = async () => {
    const connections = connectRedis({ url: server.url, log });
    const news = makeRedisInboxNews({ redis: connections.commands, log });
    return {
      ...news,
      async close() {
        await news.close();
        await connections.close();
      },
    };
  };
  testInboxNews(connect);
  testLostInboxNews(connect, { lose: () => server.kill(), restore: () => server.start() });
});

describe('over PostgreSQL', () => {
  let database: PostgresDatabase;
  /** A database cannot be closed from within. */
  let neighbour: PostgresDatabase;
  beforeAll(async () => {
    database = await createDatabase(inject('templateUrl'));
    neighbour = await createEmptyDatabase(inject('templateUrl'));
  });
  afterAll(async () => {
    await database?.drop();
    await neighbour?.drop();
  });

  const connect = async () => startPostgresInboxNews({ databaseUrl: database.url, log });
  const name = () => new URL(database.url).pathname.slice(1);
  testInboxNews(connect);
  testLostInboxNews(connect, {
    async lose() {
      await neighbour.sql(`alter database ${name()} with allow_connections false`);
      await neighbour.sql(`select pg_terminate_backend(pid) from pg_stat_activity where datname = $1`, [name()]);
    },
    restore: async () => void (await neighbour.sql(`alter database ${name()} with allow_connections true`)),
  });
});
