import type { AgentTools, Recall, Source, StepInput } from '../../src/agents/agent.ts';
import { loadPrompts, type Prompts } from '../../src/agents/prompts.ts';
import type { Engine, EngineRequest } from '../../src/engines/engine.ts';
import { AppError } from '../../src/errors.ts';

export const PROMPTS: Prompts = await loadPrompts(new URL('../../src/agents/prompts/', import.meta.url));

export const VOCABULARY: StepInput['vocabulary'] = {
  agents: ['researcher', 'retriever', 'exec', 'communicator'],
  absentAgents: [],
  actions: [
    { name: 'READ', tier: 'T0' },
    { name: 'RESEARCH', tier: 'T0' },
    { name: 'RETRIEVE', tier: 'T0' },
    { name: 'WRITE_DB', tier: 'T1' },
    { name: 'SUMMARIZE', tier: 'T1' },
    { name: 'DRAFT_REPLY', tier: 'T1' },
    { name: 'PUBLISH', tier: 'T2' },
  ],
};

export function makeInput(overrides: Partial<StepInput> = {}): StepInput {
  return {
    taskId: 'T-2026-11-22-0001',
    nodeId: 'act',
    agentName: 'executor:v2',
    goal: 'Summarize the opening hours of the VIP room',
    instruction: 'Write a short summary.',
    tier: 'T1',
    sources: [],
    comments: [],
    previousText: null,
    vocabulary: VOCABULARY,
    deliverable: null,
    ...overrides,
  };
}

export function makeSource(overrides: Partial<Source> = {}): Source {
  return { ref: 'message', title: 'Message', text: 'The VIP room opens at 09:00 UTC on weekdays.', origin: 'requester', ...overrides };
}

export const NO_RECALL: Recall = { search: async () => ({ sources: [], stale: null }) };

export function makeTools(engine: Engine, recall: Recall = NO_RECALL): AgentTools {
  return { engine, recall, signal: new AbortController().signal };
}

type Asked = Pick<EngineRequest<unknown>, 'agent' | 'schemaName' | 'messages' | 'facts'>;

export interface ScriptedEngine extends Engine {
  requests: Asked[];
}

/** Gives one recorded answer and holds it to the request's own schema and check, as every engine must. */
export function makeScriptedEngine(recorded: unknown): ScriptedEngine {
  const requests: Asked[] = [];
  return {
    requests,
    async answer(request) {
      requests.push(request);
      const parsed = request.schema.safeParse(recorded);
      const problems = parsed.success
        ? (request.check?.(parsed.data) ?? [])
        : parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
      if (!parsed.success || problems.length > 0) throw new AppError('output_invalid', problems.join(' '), { context: { problems } });
      return { value: parsed.data, usage: [], engine: 'recorded', model: 'recorded', isRehearsal: false };
    },
  };
}
