import type { z } from 'zod';
import { sha256 } from '../domain/ids.ts';
import { toAgentActions } from './guards/allowlist.ts';
import { makePolicyError, type PolicyProblem, toPolicyProblems } from './problems.ts';
import { readYaml, type YamlReading } from './read-yaml.ts';
import { type Policy, PolicyDocument } from './schema.ts';

export interface ParsedPolicy {
  /** Frozen: a task keeps the policy that it started with. */
  policy: Policy;
  /** The text as it was given; the comments in it are part of what owners agreed to. */
  source: string;
  /** sha256 of `source` in UTF-8. */
  checksum: string;
}

/** Reads a policy's YAML. Throws AppError `policy_invalid`, whose `context.problems` lists every fault with path and reason. */
export function parsePolicy(source: string): ParsedPolicy {
  const reading = readYaml(source);
  if (!reading.isReadable) throw makePolicyError(reading.problems);
  const result = PolicyDocument.safeParse(reading.value);
  const problems = result.success ? reading.problems : mergeProblems(reading, result.error.issues);
  if (!result.success || problems.length > 0) throw makePolicyError(problems, result.error);
  const policy = { ...result.data, agent_actions: toAgentActions(result.data) };
  return { policy: freeze(policy), source, checksum: sha256(source) };
}

/** What the reader refused is missing for the schema; that is one fault, not two. */
function mergeProblems(reading: YamlReading, issues: readonly z.core.$ZodIssue[]): PolicyProblem[] {
  const refused = new Set(reading.problems.map(({ path }) => path));
  return [...reading.problems, ...toPolicyProblems(issues, reading.value, reading.lines).filter(({ path }) => !refused.has(path))];
}

function freeze<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object' && inner !== null) freeze(inner);
  return Object.freeze(value);
}
