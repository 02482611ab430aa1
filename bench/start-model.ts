import type { PlanNodeLike, ScriptedAnswer } from '../test/support/fake-model.ts';
import { startChild } from './child.ts';

export interface ModelProcess extends AsyncDisposable {
  /** For OPENAI_BASE_URL. */
  baseUrl: string;
  setPlan(plan: PlanNodeLike[]): Promise<void>;
  /** Every request is answered with this status, until it is told null. */
  failWith(status: number | null): Promise<void>;
  /** Answers for the next requests of a schema. */
  script(schemaName: string, ...answers: ScriptedAnswer[]): Promise<void>;
}

/** A model in another process that answers after `delayMs` with what fits the schema. */
export async function startModel({ delayMs = 0 }: { delayMs?: number } = {}): Promise<ModelProcess> {
  const child = await startChild<{ baseUrl: string }>('./model-process.ts', [String(delayMs)]);
  return {
    baseUrl: child.ready.baseUrl,
    setPlan: async (plan) => void (await child.ask({ plan })),
    failWith: async (status) => void (await child.ask({ failWith: status })),
    script: async (schemaName, ...answers) => void (await child.ask({ schemaName, answers })),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
