import { type Config, type Environment, findPolicyFile, type ParseConfigOptions, parseConfig } from '../config.ts';
import { AppError, toAppError } from '../errors.ts';
import { loadPolicyFile } from '../policy/load.ts';

/**
 * The configuration, once it and the policy file that it names can be used. Throws `config_invalid` or `policy_invalid` with all that is
 * wrong with both in `context.problems`, before anything is opened or made. The file is read again where it is put in force.
 */
export async function readSettings(env: Environment, options: ParseConfigOptions): Promise<Config> {
  const policyFile = findPolicyFile(env);
  const [config, policy] = await Promise.allSettled([(async () => parseConfig(env, options))(), loadPolicyFile(policyFile)]);
  if (config.status === 'fulfilled') {
    // A process that only takes updates in has no use for the rules.
    const needsRules = config.value.roles.some((role) => role !== 'web');
    if (policy.status === 'rejected' && needsRules) throw policy.reason;
    return config.value;
  }
  const error = toAppError(config.reason);
  if (policy.status === 'fulfilled') throw error;
  const ofPolicy = listProblemLines(toAppError(policy.reason)).map((line) => `AGS_POLICY_FILE: ${policyFile}: ${line}`);
  throw new AppError(error.code, `${error.message}, and the policy file has others`, {
    context: { problems: [...listProblemLines(error), ...ofPolicy] },
    cause: error,
  });
}

/** Each problem of the error as a line for people: variables' problems are lines already, a policy's have a path and a reason. */
export function listProblemLines({ context }: AppError): string[] {
  return Array.isArray(context.problems) ? context.problems.map(toLine) : [];
}

function toLine(problem: unknown): string {
  if (typeof problem === 'object' && problem !== null && 'path' in problem && 'reason' in problem)
    return `${problem.path}: ${problem.reason}`;
  return String(problem);
}
