import { randomBytes } from 'node:crypto';
import { DATABASE_ROLES, type DatabaseRole } from '../../src/store/rpc.ts';
import type { PostgresDatabase } from './postgres.ts';

/** Logins as docs/database.md makes them: each a member of its roles and of nothing else. */
export interface Logins {
  /** The database's address with the login that has exactly these roles; made with the first question. */
  urlFor(roles: readonly DatabaseRole[]): Promise<string>;
  /** After everybody has disconnected, before the database is dropped. */
  drop(): Promise<void>;
}

export function makeLogins({ url, sql }: Pick<PostgresDatabase, 'url' | 'sql'>): Logins {
  const made = new Map<string, Promise<string>>();
  const names: string[] = [];

  async function make(roles: readonly DatabaseRole[]): Promise<string> {
    const name = `login_${randomBytes(6).toString('hex')}`;
    const password = randomBytes(12).toString('hex');
    await sql(`create role ${name} login noinherit password '${password}'`);
    names.push(name);
    if (roles.length > 0) await sql(`grant ${roles.join(', ')} to ${name}`);
    const address = new URL(url);
    address.username = name;
    address.password = password;
    return address.href;
  }

  return {
    urlFor(roles) {
      const key = DATABASE_ROLES.filter((role) => roles.includes(role)).join();
      const address = made.get(key) ?? make(roles);
      made.set(key, address);
      return address;
    },
    async drop() {
      for (const name of names.splice(0)) await sql(`drop owned by ${name}; drop role ${name}`);
    },
  };
}
