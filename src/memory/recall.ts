import type { Rpc } from '../store/rpc.ts';
import { searchArtifacts } from '../store/steps.ts';

export interface Recalled {
  ref: string;
  title: string;
  text: string;
  origin: 'agent';
}

const MAX_TEXT_CHARS = 4000;

/** What earlier tasks found out: full-text search over their texts. The knowledge base comes behind the same call. */
export function makeRecall(rpc: Rpc, taskId: string) {
  return {
    async search(query: string, { limit }: { limit: number; signal: AbortSignal }): Promise<Recalled[]> {
      const found = await searchArtifacts(rpc, { query, taskId, limit });
      return found.flatMap(({ taskId: foundIn, goal, storageRef, content }) =>
        content === null
          ? []
          : [
              {
                ref: storageRef,
                title: `${foundIn}: ${goal.slice(0, 120)}`,
                text: content.slice(0, MAX_TEXT_CHARS),
                origin: 'agent' as const,
              },
            ],
      );
    },
  };
}
