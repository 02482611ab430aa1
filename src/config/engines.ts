import { AppError } from '../errors.ts';
import type { Secret } from './secret.ts';
import { VARIABLE_NAMES, type Variables } from './variables.ts';

export interface EngineConfig {
  apiKey: Secret | null;
  baseUrl: string | null;
  /** Neither key nor address: the rehearsal answers, and says so. */
  isRehearsal: boolean;
  model: string | null;
  modelFast: string | null;
  embeddingModel: string | null;
  /**
   * Reads a variable that a policy names (`base_url_env`, `key_env`, `model_env`); undefined when it is unset. A policy is proposed
   * in a chat, so it may not name just any variable: throws `policy_invalid` for those that are no engine's.
   */
  readVariable(name: string): string | undefined;
}

const ENGINE_VARIABLES: ReadonlySet<string> = new Set([
  'OPENAI_API_KEY',
  'OPENAI_BASE_URL',
  'AGS_MODEL',
  'AGS_MODEL_FAST',
  'AGS_EMBEDDING_MODEL',
]);
const OTHER_VARIABLES: ReadonlySet<string> = new Set(VARIABLE_NAMES.filter((name) => !ENGINE_VARIABLES.has(name)));

/** Sent to a server of a policy's choice, any other variable would leak: a token, a cloud login, a database address. */
function isEngineVariable(name: string): boolean {
  if (ENGINE_VARIABLES.has(name)) return true;
  return !OTHER_VARIABLES.has(name) && !name.startsWith('AWS_') && /^[A-Z][A-Z0-9_]*_(API_KEY|KEY|BASE_URL|URL|MODEL)$/.test(name);
}

export function toEngines(variables: Variables, env: Readonly<Record<string, string | undefined>>): EngineConfig {
  const { OPENAI_API_KEY: apiKey = null, OPENAI_BASE_URL: baseUrl = null } = variables;
  return {
    apiKey,
    baseUrl,
    isRehearsal: apiKey === null && baseUrl === null,
    model: variables.AGS_MODEL ?? null,
    modelFast: variables.AGS_MODEL_FAST ?? null,
    embeddingModel: variables.AGS_EMBEDDING_MODEL ?? null,
    readVariable: (name) => {
      if (isEngineVariable(name)) return env[name]?.trim() || undefined;
      const hint = 'the names of an engine’s variables end in _API_KEY, _KEY, _BASE_URL, _URL or _MODEL';
      throw new AppError('policy_invalid', `A policy may not read the variable ${name}: ${hint}`, { context: { variable: name } });
    },
  };
}
