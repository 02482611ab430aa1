import type { Proposal, Recall, Source, StepInput } from '../../src/agents/agent.ts';
import { composePost, toPlainText } from '../../src/agents/compose/compose-post.ts';
import { makeAgents } from '../../src/agents/registry.ts';
import type { Critique } from '../../src/domain/critique.ts';
import type { Tier } from '../../src/domain/tier.ts';
import { makeRehearsalEngine } from '../../src/embedded/rehearsal.ts';
import { makeInput, makeSource, makeTools, NO_RECALL, PROMPTS } from './support.ts';

const agents = makeAgents(PROMPTS);
const engine = makeRehearsalEngine();

/** Asks one agent with the rehearsal behind it. */
export async function run(name: string, overrides: Partial<StepInput>, recall: Recall = NO_RECALL): Promise<Proposal> {
  const agent = agents.get(name);
  if (!agent) throw new Error(`no agent ${name}`);
  return (await agent(makeInput({ instruction: '', ...overrides }), makeTools(engine, recall))).proposal;
}

export async function write(name: string, overrides: Partial<StepInput>, recall?: Recall): Promise<string> {
  const proposal = await run(name, overrides, recall);
  if (proposal.kind !== 'text') throw new Error(`${name} gave a ${proposal.kind}`);
  return proposal.text;
}

export interface JudgeOptions {
  tier?: Tier;
  isByPerson?: boolean;
}

export async function judge(goal: string, text: string, sources: Source[] = [], options: JudgeOptions = {}): Promise<Critique> {
  const { tier = 'T1', isByPerson = false } = options;
  const deliverable = { text, target: 'signals channel', isByPerson };
  const proposal = await run('critic', { goal, sources, tier, deliverable });
  if (proposal.kind !== 'critique') throw new Error(`the critic gave a ${proposal.kind}`);
  return proposal.critique;
}

/** What a task does between its plan and its approval card; `found` is what earlier tasks left behind. */
export async function rehearse(goal: string, attached: Source[], { found = [] }: { found?: Source[] } = {}) {
  const context = makeSource({
    ref: 'supa://t/retrieve.md',
    title: 'retrieve',
    origin: 'agent',
    text: await write('retriever', { goal, sources: attached }, { search: async () => ({ sources: found, stale: null }) }),
  });
  const findings = makeSource({
    ref: 'supa://t/research.md',
    title: 'research',
    origin: 'agent',
    text: await write('researcher', { goal, sources: [context, ...attached] }),
  });
  const sources = [context, findings, ...attached];
  const draft = await write('exec', { goal, sources });
  const act = makeSource({ ref: 'supa://t/act.md', title: 'act', origin: 'agent', text: draft });
  const final = await write('communicator', { goal, sources: [act, ...attached] });
  const text = toPlainText(composePost({ markdown: final, target: { chatId: -100, topicId: null } }));
  return { draft, final, text, sources, critique: await judge(goal, text, sources) };
}
