import { readFile } from 'node:fs/promises';
import type { Message } from '../../../src/sandbox/wire.ts';
import type { TestApp } from '../../support/app.ts';
import { ask, textOf } from '../../support/telling.ts';

/** The file that the program comes with. */
export const DEFAULT_YAML = await readFile(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');

/** The default file with passages replaced; throws when one is not there. */
export function withYaml(...changes: [passage: string, replacement: string][]): string {
  return changes.reduce((yaml, [passage, replacement]) => {
    if (!yaml.includes(passage)) throw new Error(`the default policy has no ${passage}`);
    return yaml.replace(passage, () => replacement);
  }, DEFAULT_YAML);
}

export const PUBLISH_T3_YAML = withYaml(
  ['T2: ["PUBLISH", "SOCIAL_POST"]', 'T2: ["SOCIAL_POST"]'],
  ['T3: ["TRADE"', 'T3: ["PUBLISH", "TRADE"'],
);
export const MORE_MONEY_YAML = withYaml(['day_usd: "20.00"', 'day_usd: "40.00"']);

export const toFile = (yaml: string, fileName = 'policy.yaml') => ({ fileName, bytes: Buffer.from(yaml) });

const REFERENCE = /\b(T3-[A-HJ-NP-Z2-9]{4,})\b/;

/** Somebody sends a file with `/policy propose` as its caption; resolves with the answer and the reference in it. */
export async function proposeFile(app: TestApp, personaId: number, yaml: string, words = '/policy propose') {
  const answer = textOf(await ask(app, personaId, words, { document: toFile(yaml) }));
  return { answer, reference: REFERENCE.exec(answer)?.[1] ?? '' };
}

export async function policyInForce(app: TestApp): Promise<number> {
  const [row] = await app.sql('select policy_version from public.policies where in_force_at is not null and retired_at is null');
  return Number(row?.policy_version);
}

/** The text of the file that a message carries. */
export const fileOf = (app: TestApp, { document }: Message): string =>
  document === undefined ? '' : new TextDecoder().decode(app.telegram.fileBytes(document.file_id));
