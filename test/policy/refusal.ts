import { AppError } from '../../src/errors.ts';
import { parsePolicy } from '../../src/policy/parse.ts';
import type { PolicyProblem } from '../../src/policy/problems.ts';

/** The problems of a policy that must be refused. */
export function problemsOf(source: string): PolicyProblem[] {
  try {
    parsePolicy(source);
  } catch (error) {
    if (error instanceof AppError && error.code === 'policy_invalid') return error.context.problems as PolicyProblem[];
    throw error;
  }
  throw new Error('the policy was accepted');
}
