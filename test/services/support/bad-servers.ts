import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import pg from 'pg';
import { startPrivatePostgres } from '../../../scripts/private-postgres.ts';

/** Servers that a configuration may name by mistake. */
export interface BadServer {
  url: string;
  stop(): Promise<void>;
}

/** A PostgreSQL whose login `guarded` has the password `canary-right`. The others of these tests let everybody in. */
export async function startGuardedPostgres(): Promise<BadServer> {
  const { url, stop } = await startPrivatePostgres();
  const owner = new pg.Client({ connectionString: url });
  await owner.connect();
  await owner.query(`create role guarded login password 'canary-right'`);
  const { rows } = await owner.query<{ hba_file: string }>('show hba_file');
  const file = rows[0]?.hba_file ?? '';
  await writeFile(file, `host all guarded 127.0.0.1/32 scram-sha-256\n${await readFile(file, 'utf8')}`);
  await owner.query('select pg_reload_conf()');
  await owner.end();
  const guarded = new URL(url);
  guarded.username = 'guarded';
  guarded.password = 'canary-right';
  return { url: guarded.href, stop };
}

/** As far as a start asks it: everything is well, and it is of 2018. */
export async function startOldRedis(): Promise<BadServer> {
  const info = 'redis_version:5.0.7\r\nmaxmemory_policy:noeviction\r\naof_enabled:1\r\n';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      for (const [, command = ''] of chunk.toString().matchAll(/\*\d+\r\n\$\d+\r\n([^\r]+)/g)) {
        socket.write(command.toLowerCase() === 'info' ? `$${info.length}\r\n${info}\r\n` : '+OK\r\n');
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  return {
    url: `redis://127.0.0.1:${address.port}`,
    async stop() {
      server.close();
    },
  };
}

/** The same address with other parts. */
export function changeUrl(url: string, parts: { username?: string; password?: string; pathname?: string; search?: string }): string {
  return Object.assign(new URL(url), parts).href;
}
