import { createHash } from 'node:crypto';
import { AwsClient } from 'aws4fetch';
import type { AnchorUrl } from '../../config.ts';
import { type Anchor, toAnchorText } from '../../domain/evidence/anchor.ts';
import { AppError } from '../../errors.ts';
import { type AnchorStore, toAnchorName } from './anchor-store.ts';
import { readAnchor, toAnchorConflict } from './read-anchor.ts';

const TIMEOUT_MS = 10_000;
/** The name is taken, or somebody else is writing it just now. */
const TAKEN = new Set([409, 412]);

/**
 * One object for each anchor, in any store that speaks S3. Nothing is replaced (`If-None-Match`); how long nobody may delete it is the
 * bucket's own rule (Object Lock with a default retention), for which the checksum comes along.
 */
export function makeS3AnchorStore({
  bucket,
  prefix,
  endpoint,
  region,
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: Extract<AnchorUrl, { kind: 's3' }>): AnchorStore {
  const client = new AwsClient({
    accessKeyId,
    secretAccessKey: secretAccessKey.reveal(),
    sessionToken: sessionToken?.reveal(),
    region,
    service: 's3',
    // The loop that keeps anchors comes again by itself.
    retries: 0,
  });
  const toKey = (number: number) => [...prefix, toAnchorName(number)].map(encodeURIComponent).join('/');
  const toObjectUrl = (number: number) =>
    endpoint === null ? `https://${bucket}.s3.${region}.amazonaws.com/${toKey(number)}` : `${endpoint}/${bucket}/${toKey(number)}`;
  const toAddress = (number: number) => `s3://${[bucket, ...prefix, toAnchorName(number)].join('/')}`;

  async function request(number: number, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      return await client.fetch(toObjectUrl(number), {
        ...init,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
    } catch (cause) {
      if (signal?.aborted) throw new AppError('aborted', undefined, { cause });
      throw new AppError('store_unavailable', `AGS_ANCHOR_URL: ${toAddress(number)} does not answer`, { cause });
    }
  }

  /** S3 answers errors in XML; its code says what to do, and nothing else of it is passed on. */
  async function toRefusal(response: Response, number: number): Promise<AppError> {
    const said = /<Code>([A-Za-z0-9]{1,60})<\/Code>/.exec(await response.text().catch(() => ''))?.[1];
    const message = `AGS_ANCHOR_URL: ${toAddress(number)} was refused (${response.status}${said === undefined ? '' : ` ${said}`}); look after the bucket, the region and the key`;
    return new AppError(response.status >= 500 ? 'store_unavailable' : 'store_failed', message, { context: { status: response.status } });
  }

  async function find(number: number, signal?: AbortSignal): Promise<Anchor | null> {
    const response = await request(number, { method: 'GET' }, signal);
    if (response.status === 404) return null;
    if (!response.ok) throw await toRefusal(response, number);
    return readAnchor(await response.text(), number, toAddress(number));
  }

  async function keep(anchor: Anchor, signal?: AbortSignal): Promise<string> {
    const { number } = anchor;
    const body = toAnchorText(anchor);
    const headers = {
      'content-type': 'application/json',
      'if-none-match': '*',
      'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
    };
    const response = await request(number, { method: 'PUT', headers, body }, signal);
    if (!response.ok && !TAKEN.has(response.status)) throw await toRefusal(response, number);
    if (!response.ok && (await find(number, signal))?.hash !== anchor.hash) throw toAnchorConflict(number, toAddress(number));
    return toAddress(number);
  }

  return { keep, find };
}
