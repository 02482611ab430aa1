import { fileURLToPath } from 'node:url';
import type { Secret } from './secret.ts';
import type { IsSet, Variables } from './variables.ts';

export interface S3Url {
  kind: 's3';
  bucket: string;
  /** The folders within the bucket. */
  prefix: readonly string[];
  /** Another server than Amazon's; null for Amazon's own. */
  endpoint: string | null;
  region: string;
  accessKeyId: string;
  secretAccessKey: Secret;
  sessionToken: Secret | null;
}

/** Where copies of anchors are kept outside the database. */
export type AnchorUrl = { kind: 'file'; directory: string } | S3Url;

/** What Amazon's own programs take when nothing is said, and what others ask for who have no regions. */
const DEFAULT_REGION = 'us-east-1';

/** Null when no place is configured, or when `listAnchorProblems` has something to say. */
export function toAnchorUrl(variables: Variables): AnchorUrl | null {
  const { AGS_ANCHOR_URL: text, AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = variables;
  if (text === undefined) return null;
  const url = new URL(text);
  if (url.protocol === 'file:') return { kind: 'file', directory: fileURLToPath(url) };
  if (accessKeyId === undefined || secretAccessKey === undefined) return null;
  return {
    kind: 's3',
    bucket: url.hostname,
    prefix: url.pathname.split('/').filter(Boolean).map(decodeURIComponent),
    endpoint: variables.AWS_ENDPOINT_URL ?? null,
    region: variables.AWS_REGION ?? DEFAULT_REGION,
    accessKeyId,
    secretAccessKey,
    sessionToken: variables.AWS_SESSION_TOKEN ?? null,
  };
}

export function listAnchorProblems(isSet: IsSet, anchorUrl: string | undefined): string[] {
  if (anchorUrl?.startsWith('s3:') !== true) return [];
  return (['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'] as const)
    .filter((name) => !isSet(name))
    .map(
      (name) =>
        `${name}: is missing, AGS_ANCHOR_URL names a bucket that nothing is written to without it; set it, or keep anchors in a folder by file:///…`,
    );
}
