import type { Secret } from './secret.ts';
import type { IsSet, Variables } from './variables.ts';

/** Where tasks live. `embedded` is PostgreSQL inside this process. */
export type StoreConfig =
  | { kind: 'embedded' }
  | { kind: 'postgres'; databaseUrl: Secret }
  | { kind: 'supabase'; url: string; secretKey: Secret; jwtSecret: Secret | null; databaseUrl: Secret | null };

/** What delivers jobs: BullMQ on the embedded database, on Redis, or on the store's own PostgreSQL. */
export type QueueConfig =
  | { kind: 'embedded' }
  | { kind: 'redis'; redisUrl: Secret; isUnsafeAllowed: boolean }
  | { kind: 'postgres'; databaseUrl: Secret };

/** Where artifacts over 32 KiB are. */
export type BlobConfig = { kind: 'files' } | { kind: 'supabase' };

export interface StackConfig {
  store: StoreConfig;
  queue: QueueConfig;
  blobs: BlobConfig;
}

function toStore({ SUPABASE_URL, SUPABASE_SECRET_KEY, SUPABASE_JWT_SECRET, DATABASE_URL }: Variables): StoreConfig {
  const databaseUrl = DATABASE_URL ?? null;
  if (SUPABASE_URL !== undefined && SUPABASE_SECRET_KEY !== undefined) {
    return { kind: 'supabase', url: SUPABASE_URL, secretKey: SUPABASE_SECRET_KEY, jwtSecret: SUPABASE_JWT_SECRET ?? null, databaseUrl };
  }
  return databaseUrl === null ? { kind: 'embedded' } : { kind: 'postgres', databaseUrl };
}

function toQueue({ REDIS_URL, AGS_ALLOW_UNSAFE_REDIS, DATABASE_URL }: Variables): QueueConfig {
  if (REDIS_URL !== undefined) return { kind: 'redis', redisUrl: REDIS_URL, isUnsafeAllowed: AGS_ALLOW_UNSAFE_REDIS === '1' };
  return DATABASE_URL === undefined ? { kind: 'embedded' } : { kind: 'postgres', databaseUrl: DATABASE_URL };
}

/** Chooses store, queue and artifact storage by what is set. Only meaningful when `listStackProblems` found none. */
export function chooseStack(variables: Variables): StackConfig {
  const store = toStore(variables);
  return { store, queue: toQueue(variables), blobs: { kind: store.kind === 'supabase' ? 'supabase' : 'files' } };
}

/** What is missing for the stack that the variables begin to describe, and for one role alone. */
export function listStackProblems(isSet: IsSet, isSingleRole: boolean): string[] {
  const problems: string[] = [];
  if (isSet('SUPABASE_URL') && !isSet('SUPABASE_SECRET_KEY')) {
    problems.push('SUPABASE_SECRET_KEY: is missing, SUPABASE_URL needs it; take it from the project’s API keys, or unset SUPABASE_URL');
  }
  if (!isSet('SUPABASE_URL') && (isSet('SUPABASE_SECRET_KEY') || isSet('SUPABASE_JWT_SECRET'))) {
    problems.push('SUPABASE_URL: is missing, though a Supabase key is set; set the project’s address, or unset the key');
  }
  if (isSingleRole && !isSet('REDIS_URL')) {
    problems.push('REDIS_URL: is missing, one role alone reaches the others through Redis; set it, or start every role in one process');
  } else if (isSet('SUPABASE_URL') && !isSet('DATABASE_URL') && !isSet('REDIS_URL')) {
    problems.push('REDIS_URL: is missing, Supabase alone has no queue; set REDIS_URL, or DATABASE_URL for a queue on its PostgreSQL');
  }
  if (isSingleRole && !isSet('SUPABASE_URL') && !isSet('DATABASE_URL')) {
    problems.push(
      'DATABASE_URL: is missing, one role alone needs a store that is a server; set it or SUPABASE_URL, or start every role in one process',
    );
  }
  return problems;
}
