import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from '../domain/ids.ts';
import { AppError } from '../errors.ts';

/** The agents that ask a model, with the schema of their answer. The retriever asks none. */
export const PROMPT_SCHEMAS = {
  planner: 'plan',
  researcher: 'findings',
  exec: 'draft',
  communicator: 'draft',
  critic: 'critique',
} as const;

export type PromptName = keyof typeof PROMPT_SCHEMAS;

export interface Prompt {
  name: PromptName;
  schemaName: (typeof PROMPT_SCHEMAS)[PromptName];
  text: string;
  /** Of the file's bytes: which words an answer was made with can be told from the audit. */
  sha256: string;
}

export type Prompts = Record<PromptName, Prompt>;

/** Reads `<dir>/<name>.md` of every agent. Throws `config_invalid` when one is missing or does not name its agent's schema. */
export async function loadPrompts(dir: string | URL, signal?: AbortSignal): Promise<Prompts> {
  const folder = dir instanceof URL ? fileURLToPath(dir) : dir;
  const load = (name: PromptName): Promise<Prompt> => loadPrompt(folder, name, signal);
  const [planner, researcher, exec, communicator, critic] = await Promise.all([
    load('planner'),
    load('researcher'),
    load('exec'),
    load('communicator'),
    load('critic'),
  ]);
  return { planner, researcher, exec, communicator, critic };
}

async function loadPrompt(folder: string, name: PromptName, signal?: AbortSignal): Promise<Prompt> {
  const file = join(folder, `${name}.md`);
  const source = await readFile(file, { encoding: 'utf8', signal }).catch((cause: unknown) => {
    throw new AppError('config_invalid', `The prompt ${file} cannot be read`, { cause });
  });
  return parsePrompt(name, source);
}

/** A prompt opens with the line `Schema: <name>` and an empty one; the rest is what the model reads. */
export function parsePrompt(name: PromptName, source: string): Prompt {
  const match = /^Schema: ([a-z]+)\r?\n\r?\n([\s\S]*)$/.exec(source);
  const schemaName = PROMPT_SCHEMAS[name];
  const text = match?.[2]?.trim() ?? '';
  if (match?.[1] !== schemaName || text === '') {
    throw new AppError(
      'config_invalid',
      `The prompt ${name}.md must open with the line "Schema: ${schemaName}" and an empty one, then the text`,
    );
  }
  return { name, schemaName, text, sha256: sha256(source) };
}
