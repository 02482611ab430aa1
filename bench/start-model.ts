import type { PlanNodeLike } from '../test/support/fake-model.ts';
import { startChild } from './child.ts';

export interface ModelProcess extends AsyncDisposable {
  /** For OPENAI_BASE_URL. */
  baseUrl: string;
  setPlan(plan: PlanNodeLike[]): Promise<void>;
}

/** A model in another process that answers after `delayMs` with what fits the schema. */
export async function startModel({ delayMs = 0 }: { delayMs?: number } = {}): Promise<ModelProcess> {
  const child = await startChild<{ baseUrl: string }>('./model-process.ts', [String(delayMs)]);
  return {
    baseUrl: child.ready.baseUrl,
    setPlan: async (plan) => void (await child.ask({ plan })),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
