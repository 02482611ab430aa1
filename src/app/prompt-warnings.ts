import type { Prompts } from '../agents/prompts.ts';
import { findPrompts, recordPrompts } from '../store/prompt-sets.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';

/** So long `/status` says that the prompts are others than before. */
const NEWS_MS = 24 * 60 * 60 * 1000;

/** Writes down which prompts this process works with. They come with a release; that they changed is no secret. As `ags_worker`. */
export async function notePrompts(rpc: Rpc, prompts: Prompts, { worker, log }: { worker: string; log: Logger }): Promise<void> {
  const hashes = Object.fromEntries(Object.values(prompts).map(({ name, sha256 }) => [name, sha256]));
  const { isFirst, changed } = await recordPrompts(rpc, { worker, hashes });
  if (changed.length > 0 && !isFirst) log.warn({ changed, hashes }, 'the prompts are others than at the last start');
}

/** Whether the prompts or the rubric changed lately. As `ags_bot`. */
export async function listPromptWarnings(rpc: Rpc, now: Date): Promise<string[]> {
  const prompts = await findPrompts(rpc);
  if (prompts === null || prompts.isFirst || now.getTime() - new Date(prompts.since).getTime() > NEWS_MS) return [];
  return [`A release brought other prompts (${prompts.changed.join(', ')}) within the last day; /policy shows their hashes.`];
}
