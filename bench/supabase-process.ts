/** Supabase's API over a PostgreSQL as a process of its own: `supabase-process.ts databaseUrl`. Its Storage is in memory. */
import { startFakeStorage } from '../test/support/fake-storage.ts';
import { SECRET_KEY, startSupabaseLite } from '../test/support/supabase-lite.ts';
import { serveParent } from './child.ts';

/** Both keep every request for tests to read; nobody does here. */
const FORGET_MS = 500;

const [databaseUrl = ''] = process.argv.slice(2);
const lite = await startSupabaseLite(databaseUrl);
const storage = await startFakeStorage({ secretKey: SECRET_KEY });
lite.setTrouble((request) => {
  const { pathname } = new URL(request.url);
  return pathname.startsWith('/storage/') ? fetch(new Request(`${storage.url}${pathname}`, request)) : null;
});
setInterval(() => {
  lite.requests.splice(0);
  storage.requests.splice(0);
}, FORGET_MS);
serveParent({ url: lite.url });
