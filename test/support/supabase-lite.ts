import { once } from 'node:events';
import type { Server } from 'node:http';
import { serve } from '@hono/node-server';
import { App } from '@supabase/lite';
import { PostgresConnection } from '@supabase/lite/postgres';

/** Answers in place of the project; null lets the request through. */
export type Trouble = (request: Request) => Promise<Response> | Response | null;

export interface SupabaseLite {
  url: string;
  /** What stands before the project until the next call: an outage, a proxy's page, nothing (null). */
  setTrouble(trouble: Trouble | null): void;
  /** As `notify pgrst, 'reload schema'`: what has been made since is known from now on. */
  reload(): Promise<void>;
  /** The requests that arrived, those in trouble too. */
  requests: Request[];
  close(): Promise<void>;
}

export const SECRET_KEY = 'sb_secret_for-tests';
export const JWT_SECRET = 'a-legacy-jwt-secret-of-forty-characters!';

/**
 * The API of a Supabase project, made by `@supabase/lite` over a PostgreSQL and served on the loopback. At its start it grants
 * everything in `public` to the API roles: `RESTORE_GRANTS` takes that back.
 */
export async function startSupabaseLite(databaseUrl: string): Promise<SupabaseLite> {
  const quiet = silenceErrors();
  const connection = new FaithfulConnection({
    url: databaseUrl,
    postgresOptions: { types: { json: toJsonType(114), jsonb: toJsonType(3802) }, onnotice: () => undefined },
  });
  const resolver = async (key: string) => (key === SECRET_KEY ? { type: 'secret' as const, claims: { role: 'service_role' } } : null);
  const server = { disableStudio: true, disableFallback: true, apiKeys: { resolver } };
  const app = new App({ connection, auth: { enabled: true, jwt_secret: JWT_SECRET }, options: { server } });
  const requests: Request[] = [];
  let trouble: Trouble | null = null;
  const { url, close } = await listen(async (request) => {
    requests.push(request.clone());
    return (await trouble?.(request)) ?? app.fetch(request);
  });
  // The library grants with its first request; two first ones at once would grant at once, and PostgreSQL refuses the second.
  await app.fetch(new Request(`${url}/rest/v1/policies?limit=1`, { headers: { apikey: SECRET_KEY } }));
  return {
    url,
    requests,
    setTrouble(next) {
      trouble = next;
    },
    async reload() {
      await connection.introspect({ useCache: false });
    },
    async close() {
      await close();
      await connection.close();
      quiet.restore();
    },
  };
}

/** As the migrations leave it: nothing in `public` for the API roles but the functions that were exposed. */
export const RESTORE_GRANTS = `
  revoke all on all tables in schema public from anon, authenticated, service_role;
  revoke all on all sequences in schema public from anon, authenticated, service_role`;

/** A function's arguments are made JSON by the library itself; the driver would write that text as JSON once more. */
const toJsonType = (oid: number) => ({
  to: oid,
  from: [oid],
  serialize: (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)),
  parse: (text: string) => JSON.parse(text),
});

/** PostgREST passes every SQLSTATE on with its detail and hint, with status 400 unless it knows better; the library only those it knows. */
class FaithfulConnection extends PostgresConnection {
  override normalizeDbError(thrown: unknown): unknown {
    const error: { code?: unknown; message?: unknown; detail?: unknown; hint?: unknown } = Object(thrown);
    if (typeof error.code !== 'string' || !/^(ZT|08|40|53|57)[0-9A-Z]{3}$/.test(error.code)) return thrown;
    const status = error.code.startsWith('ZT') ? 400 : error.code.startsWith('40') ? 500 : 503;
    const { code, message, detail, hint } = error;
    // The form in which a function may write PostgREST's answer itself.
    return Object.assign(new Error(JSON.stringify({ code, message, details: detail ?? null, hint: hint ?? null })), {
      code: 'PGRST',
      detail: JSON.stringify({ status, headers: {} }),
    });
  }
}

/** The library prints every error of the database; here most of them are expected, hundreds in one test. */
function silenceErrors(): { restore(): void } {
  // biome-ignore lint/suspicious/noConsole: it is the library that prints, and it offers no other place.
  const original = console.error;
  console.error = (...values: unknown[]) => {
    const isDatabaseError = values[0] instanceof Error && 'code' in values[0];
    if (!isDatabaseError) original(...values);
  };
  return {
    restore() {
      console.error = original;
    },
  };
}

async function listen(fetch: (request: Request) => Promise<Response>): Promise<{ url: string; close(): Promise<void> }> {
  // With no options for it, the adapter makes a server of node:http.
  const server = serve({ fetch, port: 0, hostname: '127.0.0.1' }) as Server;
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the loopback gave no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
