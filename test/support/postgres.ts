import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { migratePostgres } from '../../scripts/migrate-postgres.ts';
import { startPrivatePostgres } from '../../scripts/private-postgres.ts';
import type { Sql } from './owner-sql.ts';

export interface PostgresServer {
  /** The owner's URL of a migrated database that nobody connects to, so that it can be copied. */
  templateUrl: string;
  stop(): Promise<void>;
}

export interface PostgresDatabase {
  /** The owner's URL. */
  url: string;
  sql: Sql;
  /** Closes the owner's connections and drops the database, whoever else is connected. */
  drop(): Promise<void>;
}

/** TEST_DATABASE_URL's server, else a private one; with one migrated template in it. */
export async function startPostgres(): Promise<PostgresServer> {
  const given = process.env.TEST_DATABASE_URL;
  const server = given ? { url: given, stop: async () => undefined } : await startPrivatePostgres();
  const name = `ags_template_${randomBytes(6).toString('hex')}`;
  const templateUrl = withDatabase(server.url, name);
  try {
    await asOwner(server.url, `create database ${name}`);
    await migratePostgres(templateUrl);
  } catch (thrown) {
    await server.stop();
    throw thrown;
  }
  return {
    templateUrl,
    async stop() {
      await asOwner(server.url, `drop database ${name}`);
      await server.stop();
    },
  };
}

/** A copy of the template, for one test file. */
export function createDatabase(templateUrl: string): Promise<PostgresDatabase> {
  return create(templateUrl, new URL(templateUrl).pathname.slice(1));
}

/** A database on the same server with nothing in it. */
export function createEmptyDatabase(templateUrl: string): Promise<PostgresDatabase> {
  return create(templateUrl, 'template0');
}

async function create(templateUrl: string, template: string): Promise<PostgresDatabase> {
  const name = `ags_test_${randomBytes(6).toString('hex')}`;
  const serverUrl = withDatabase(templateUrl, 'postgres');
  await asOwner(serverUrl, `create database ${name} template ${template}`);
  const url = withDatabase(templateUrl, name);
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // Tests end connections on purpose; idle ones are nobody's business.
  pool.on('error', () => undefined);
  return {
    url,
    sql: async (text, values) => (await pool.query<Record<string, unknown>>(text, values)).rows,
    async drop() {
      await pool.end();
      await asOwner(serverUrl, `drop database ${name} with (force)`);
    },
  };
}

async function asOwner(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function withDatabase(url: string, name: string): string {
  const changed = new URL(url);
  changed.pathname = `/${name}`;
  return changed.href;
}
