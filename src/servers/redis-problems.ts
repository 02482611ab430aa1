/** What keeps a Redis from being used, as a line for people that names the variable and the remedy. */
export interface RedisProblem {
  line: string;
  /** Trying again helps only after somebody has changed something. */
  isFinal: boolean;
}

/** Where trouble shows (in the text or the code of an error), what it means, and whether it may pass by itself. */
const KNOWN: readonly { sign: RegExp; isFinal: boolean; says(at: string, message: string): string }[] = [
  {
    sign: /^(WRONGPASS|NOAUTH|ERR invalid password|ERR AUTH)/,
    isFinal: true,
    says: (at) =>
      `the Redis at ${at} refused the login; set the user and password that its provider shows: redis://user:password@host:6379/0`,
  },
  {
    sign: /^NOPERM/,
    isFinal: true,
    says: (_, message) =>
      `the login may not do what is needed (${message}); allow it every command but CONFIG on the keys {ags}:* and its channels`,
  },
  {
    sign: /^(MOVED|ASK|CLUSTERDOWN|CROSSSLOT)\b/,
    isFinal: true,
    says: (at, message) =>
      `${at} is a node of a Redis Cluster that does not hold every key (${message}); set the address of a Redis that is not sharded, or of the cluster’s proxy`,
  },
  {
    sign: /^READONLY/,
    isFinal: true,
    says: (at) => `${at} is a replica, which cannot be written to; set the address of the primary`,
  },
  {
    sign: /DB index is out of range|SELECT is not allowed/i,
    isFinal: true,
    says: (at) => `the Redis at ${at} does not have the database that stands after the last /; set one that it has, such as /0`,
  },
  {
    sign: /Unknown RESP type|Protocol error/,
    isFinal: true,
    says: (at) => `what listens at ${at} does not speak Redis’ protocol; check host and port, and write rediss:// when it wants TLS`,
  },
  {
    sign: /ERR_SSL|EPROTO|SSL routines/,
    isFinal: true,
    says: (at) => `the Redis at ${at} does not speak TLS as it should; write redis:// when it has none, or check the port`,
  },
  {
    sign: /CERT|certificate|ERR_TLS/,
    isFinal: true,
    says: (at, message) =>
      `the certificate of the Redis at ${at} is not trusted (${message}); use the name it was made for, or give its authority by NODE_EXTRA_CA_CERTS`,
  },
  {
    sign: /^OOM/,
    isFinal: false,
    says: (at) => `the Redis at ${at} has no memory left and takes no job; give it more, or remove what else it holds`,
  },
  {
    sign: /^MISCONF/,
    isFinal: false,
    says: (at, message) => `the Redis at ${at} cannot write its files and takes no job (${message}); look at its disk`,
  },
];

/** Decides what an error of a connection or a command means. */
export function toRedisProblem(thrown: unknown, url: string): RedisProblem {
  const { message, code } = withoutCommand(thrown);
  const at = toPlace(url);
  const known = KNOWN.find(({ sign }) => sign.test(message) || (code !== undefined && sign.test(code)));
  if (known !== undefined) return { line: `REDIS_URL: ${known.says(at, message)}`, isFinal: known.isFinal };
  const hint = url.startsWith('rediss:')
    ? 'check host and port, and that it speaks TLS (else write redis://)'
    : 'check host and port (and write rediss:// when it wants TLS)';
  return { line: `REDIS_URL: the Redis at ${at} does not answer (${message}); start it, or ${hint}`, isFinal: false };
}

/** The address without the login. */
export function toPlace(url: string): string {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '6379'}`;
}

/** An error without the command that ioredis hangs on it: its arguments may be a password, or what somebody wrote. */
export function withoutCommand(thrown: unknown): Error & { code?: string } {
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  const code = thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
  return Object.assign(new Error(message || code || 'the connection was closed'), code === undefined ? {} : { code });
}
