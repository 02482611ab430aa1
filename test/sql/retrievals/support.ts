import { recallArtifacts, retrieveArtifacts, type StaleReason } from '../../../src/store/retrievals.ts';
import type { Work } from '../../../src/store/steps.ts';
import { claim, handInPlan, REPLY_PLAN, startTask, type TaskOptions, toHeld } from '../../support/stories.ts';
import type { StoryDatabase } from '../../support/story-world.ts';

const LIMIT = 6;

/** A task whose retrieval has just been claimed. */
export async function reachRetrieval(db: StoryDatabase, options: TaskOptions = {}): Promise<Work> {
  const taskId = await startTask(db, options);
  await handInPlan(db, await claim(db, `${taskId}/plan`), options.nodes ?? REPLY_PLAN);
  return claim(db, `${taskId}/retrieve`);
}

export const retrieve = (db: StoryDatabase, held: Work, query = 'retrieve') =>
  retrieveArtifacts(db.rpc('ags_worker'), toHeld(held), { query, limit: LIMIT });

/** The search has not answered. */
export const recall = (db: StoryDatabase, held: Work, query = 'retrieve', reason: StaleReason = 'failed') =>
  recallArtifacts(db.rpc('ags_worker'), toHeld(held), { query, limit: LIMIT, reason });

export const listMarks = (db: StoryDatabase) =>
  db.sql('select step_id, reason, source_count, redone_at is not null as is_redone from public.stale_retrievals order by step_id');
