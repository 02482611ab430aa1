import { z } from 'zod';
import { Tier } from '../domain/tier.ts';
import type { Source, StepInput } from './agent.ts';

const SourceFact = z.object({
  ref: z.string(),
  title: z.string(),
  text: z.string(),
  origin: z.enum(['requester', 'agent', 'outside']),
});

/** What a request's messages were made of, for an engine that answers by rules. */
export const AgentFacts = z.object({
  goal: z.string(),
  instruction: z.string(),
  tier: Tier,
  sources: z.array(SourceFact),
  comments: z.array(z.string()),
  previousText: z.string().nullable(),
  vocabulary: z.object({ agents: z.array(z.string()), actions: z.array(z.object({ name: z.string(), tier: Tier })) }),
  deliverable: z.object({ text: z.string(), target: z.string(), isByPerson: z.boolean().optional() }).nullable(),
});
export type AgentFacts = z.infer<typeof AgentFacts>;

export function toFacts(input: StepInput, sources: readonly Source[] = input.sources): AgentFacts {
  const { goal, instruction, tier, comments, previousText, vocabulary, deliverable } = input;
  return { goal, instruction, tier, sources: [...sources], comments, previousText, vocabulary, deliverable };
}
