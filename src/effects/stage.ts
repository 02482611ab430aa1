import { normalizeEntities } from '../domain/entities.ts';
import { toCanonicalJson } from '../domain/ids.ts';
import type { ChatRef } from '../domain/message.ts';
import { Post, type PostPart } from '../domain/post.ts';
import { AppError } from '../errors.ts';
import type { Artifacts } from '../memory/artifacts.ts';
import { type RequestView, recordStagedPart } from '../store/approvals.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Messenger, SendResult } from './messenger.ts';

export interface StageDeps {
  rpc: Rpc;
  artifacts: Artifacts;
  messenger: Messenger;
  adminChat: ChatRef;
  worker: string;
}

export interface StagedPost {
  post: Post;
  /** Why what stands there is not what was judged; null when it is. */
  problem: string | null;
}

/**
 * Sends the post to the admin group exactly as it will appear, and compares what the messenger says it shows with what was judged.
 * Parts that already stand there are kept. Throws telegram_flood or telegram_unavailable when it has to be tried again later.
 */
export async function stagePost(
  { rpc, artifacts, messenger, adminChat, worker }: StageDeps,
  request: RequestView,
  signal: AbortSignal,
): Promise<StagedPost> {
  const post = Post.parse(JSON.parse(await artifacts.loadText(request.post, signal)));
  const standing = new Set(request.staged.map(({ part }) => part));
  for (const [index, part] of post.parts.entries()) {
    const number = index + 1;
    if (standing.has(number)) continue;
    const media =
      part.kind === 'photo' ? await artifacts.loadBytes({ storageRef: part.media_ref, checksum: part.media_checksum }, signal) : null;
    const result = await messenger.sendPart(part, media, adminChat, { signal, isSilent: true });
    if (result.outcome !== 'sent') return { post, problem: toProblem(result, number) };
    const difference = findDifference(part, result);
    if (difference !== null) return { post, problem: `Part ${number} looks different in Telegram: ${difference}` };
    await recordStagedPart(rpc, { requestId: request.requestId, worker, part: number, ...result.message });
  }
  return { post, problem: null };
}

function toProblem(result: Exclude<SendResult, { outcome: 'sent' }>, number: number): string {
  if (result.outcome === 'refused' && result.reason === 'flood') {
    throw new AppError('telegram_flood', undefined, { context: { retryAfterMs: result.retryAfterMs } });
  }
  // A staged copy that may stand there twice does no harm: it is only looked at.
  if (result.outcome === 'unknown' || result.reason === 'unavailable') throw new AppError('telegram_unavailable', result.description);
  return `Part ${number} cannot be shown: ${result.description}`;
}

function findDifference(part: PostPart, result: Extract<SendResult, { outcome: 'sent' }>): string | null {
  if (result.shown === null) return 'Telegram did not say what it shows';
  if (result.shown.text !== part.text) return 'the text';
  const isSame = toCanonicalJson(normalizeEntities(result.shown.entities)) === toCanonicalJson(normalizeEntities(part.entities));
  return isSame ? null : 'the formatting';
}
