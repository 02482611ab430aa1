import { createHmac } from 'node:crypto';
import type { DatabaseRole } from '../rpc.ts';

export interface RoleTokensOptions {
  /** The project's legacy JWT secret, as Supabase shows it: text, not base64. */
  jwtSecret: string;
  /** The project's address: says in the server's log where a token comes from. */
  issuer: string;
  clock: () => Date;
  ttlSeconds?: number;
}

/** Tokens that make PostgREST call as exactly one of the roles. They live in memory and never come from outside. */
export interface RoleTokens {
  /** The same token until little is left of its time, then a new one. */
  mint(role: DatabaseRole): string;
  /** Forgets a token that the server refused, so that the next one is new. */
  drop(role: DatabaseRole): void;
}

interface Minted {
  token: string;
  renewAt: number;
}

/** Short, because nobody can call a token back; long enough that a call costs no signature. */
const TTL_SECONDS = 300;
/** What has to be left of a token that goes out: the longest call, and a clock over there that is ahead of ours. */
const RENEW_BEFORE_SECONDS = 60;

/** Signs with HS256, the one algorithm of the legacy secret. No `sub`: it is a part of the program that calls, not a person. */
export function makeRoleTokens({ jwtSecret, issuer, clock, ttlSeconds = TTL_SECONDS }: RoleTokensOptions): RoleTokens {
  const minted = new Map<DatabaseRole, Minted>();
  const sign = (role: DatabaseRole, now: number): Minted => {
    const claims = { role, iss: issuer, iat: now, exp: now + ttlSeconds };
    return { token: signHs256(claims, jwtSecret), renewAt: claims.exp - Math.min(RENEW_BEFORE_SECONDS, ttlSeconds / 2) };
  };
  return {
    mint(role) {
      const now = Math.floor(clock().getTime() / 1000);
      const known = minted.get(role);
      if (known !== undefined && now < known.renewAt) return known.token;
      const fresh = sign(role, now);
      minted.set(role, fresh);
      return fresh.token;
    },
    drop(role) {
      minted.delete(role);
    },
  };
}

function signHs256(claims: Record<string, unknown>, secret: string): string {
  const content = [{ alg: 'HS256', typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${content}.${createHmac('sha256', secret).update(content).digest('base64url')}`;
}
