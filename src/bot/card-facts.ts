import { composePost } from '../agents/compose/compose-post.ts';
import { sha256 } from '../domain/ids.ts';
import { Post } from '../domain/post.ts';
import { toAppError } from '../errors.ts';
import type { Artifacts, StoredContent } from '../memory/artifacts.ts';
import type { RequestView } from '../store/approvals.ts';
import type { Rpc } from '../store/rpc.ts';
import type { EffectView } from '../store/shared-rows.ts';
import { findTask, listTaskArtifacts } from '../store/tasks.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FindChatName } from './chat-names.ts';
import type { LocalTime } from './local-time.ts';
import { findActorName, nameActorIn } from './names.ts';
import { nameStopper } from './refusals.ts';
import type { CardFacts, Copies } from './views/card-state.ts';

export interface CardFactsDeps {
  /** As `ags_bot` or `ags_worker`. */
  rpc: Rpc;
  artifacts: Pick<Artifacts, 'loadText'>;
  findChatName: FindChatName;
  time: LocalTime;
  clock: () => Date;
  log: Logger;
}

export type LoadCardFacts = (request: RequestView, copies: Copies | null, signal?: AbortSignal) => Promise<CardFacts>;

/** Gathers what a card shows beside the request's own row. What cannot be read is null: the card says so and offers no approval. */
export function makeLoadCardFacts(deps: CardFactsDeps): LoadCardFacts {
  const { rpc, findChatName, time, clock } = deps;
  return async (row, copies, signal) => {
    const request = await nameStopper(rpc, row);
    const [post, previous, draft, dryRun, effect, target] = await Promise.all([
      loadPost(deps, { ...request.post, checksum: request.artifactChecksum }, signal),
      request.previous === null ? null : loadPost(deps, request.previous, signal),
      request.voidReason === 'edited' ? loadDraft(deps, request, signal) : null,
      request.dryRun === null ? null : tryLoad(deps, request.dryRun, signal),
      request.status === 'approved' ? findEffect(rpc, request) : null,
      findChatName(request.targetChatId, signal),
    ]);
    return { request, post, previous, draft, dryRun, effect, copies, target, now: clock(), time };
  };
}

async function tryLoad({ artifacts, log }: CardFactsDeps, stored: StoredContent, signal?: AbortSignal): Promise<string | null> {
  try {
    return await artifacts.loadText(stored, signal);
  } catch (thrown) {
    log.warn({ storageRef: stored.storageRef, err: toAppError(thrown) }, 'artifact cannot be shown on a card');
    return null;
  }
}

/** The post whose bytes have this checksum and no other. */
async function loadPost(deps: CardFactsDeps, stored: StoredContent, signal?: AbortSignal): Promise<Post | null> {
  const text = await tryLoad(deps, stored, signal);
  if (text === null || sha256(text) !== stored.checksum) return null;
  return parsePost(text);
}

function parsePost(text: string): Post | null {
  try {
    return Post.parse(JSON.parse(text));
  } catch {
    return null; // the checksum is right and the form is not: written by another version of the program
  }
}

/** What the person wrote who made this version void: stored in the same transaction, so not later than the decision. */
async function loadDraft(deps: CardFactsDeps, request: RequestView, signal?: AbortSignal): Promise<CardFacts['draft']> {
  const written = (await listTaskArtifacts(deps.rpc, request.taskId)).filter(
    ({ type, madeBy, createdAt }) =>
      type === 'draft' && madeBy.startsWith('tg:') && request.decidedAt !== null && createdAt <= request.decidedAt,
  );
  const last = written.at(-1);
  const markdown = last === undefined ? null : await tryLoad(deps, last, signal);
  if (last === undefined || markdown === null) return null;
  const by = (await findActorName(deps.rpc, last.madeBy)) ?? last.madeBy;
  return { text: toShownText(markdown, request), by };
}

function toShownText(markdown: string, { targetChatId: chatId, targetTopicId: topicId }: RequestView): string {
  try {
    return composePost({ markdown, target: { chatId, topicId } })
      .parts.map(({ text }) => text)
      .join('\n\n');
  } catch {
    return markdown; // too long to be sent: the step that composes it will say so
  }
}

async function findEffect(rpc: Rpc, request: RequestView): Promise<EffectView | null> {
  const task = await findTask(rpc, request.taskId);
  const isOurs = ({ artifactChecksum, targetChatId, targetTopicId }: EffectView) =>
    artifactChecksum === request.artifactChecksum && targetChatId === request.targetChatId && targetTopicId === request.targetTopicId;
  const effect = task?.effects.findLast(isOurs) ?? null;
  return effect && { ...effect, outcomeNote: await nameActorIn(rpc, effect.outcomeNote) };
}
