import { AppError } from '../errors.ts';
import { redactPersonalData } from '../policy/guards/pii.ts';

const MAX_NAME = 40;
const MAX_PROBLEM = 180;

/** A name that a model gave: in quotes, never long, and with nothing personal in it. */
export function quoteName(input: unknown): string {
  const name = typeof input === 'string' ? input : (JSON.stringify(input) ?? 'nothing');
  return `"${redactPersonalData(name.slice(0, 4 * MAX_NAME))
    .slice(0, MAX_NAME)
    .toWellFormed()}"`;
}

/** Says the first thing that was wrong with the plan, for whoever gave the task. Whatever is not about the plan's form stays as it is. */
export function explainPlanError(thrown: unknown): unknown {
  if (!(thrown instanceof AppError) || thrown.code !== 'output_invalid') return thrown;
  const { problems } = thrown.context;
  const first: unknown = Array.isArray(problems) ? problems[0] : undefined;
  if (typeof first !== 'string') return thrown;
  return new AppError('output_invalid', `The plan was refused: ${toPlainProblem(first)}`, { context: thrown.context, cause: thrown });
}

/** `nodes.2.agent: …` is for the model; people count from one, and know no paths. */
function toPlainProblem(problem: string): string {
  const plain = redactPersonalData(problem)
    .replace(/^nodes: (?=it )/, '')
    .replace(/^nodes\.(\d+)\.(?:agent|action): /, (_, index) => `node ${Number(index) + 1}: `)
    .replace(/^nodes\.(\d+)\.(\w+): /, (_, index, field) => `node ${Number(index) + 1}, ${field}: `)
    .replace(/^(.*): unknown key$/, 'it has the unknown key "$1"')
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase())
    .replace(/\.$/, '');
  return plain.slice(0, MAX_PROBLEM).toWellFormed();
}
