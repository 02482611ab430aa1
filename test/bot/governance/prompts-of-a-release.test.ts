import { appendFile, cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sha256 } from '../../../src/domain/ids.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, readAnswer, textOf } from '../../support/telling.ts';

const { olivia } = PERSONAS;

let app: TestApp;
let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ags-prompts-'));
  await cp(new URL('../../../src/agents/prompts/', import.meta.url), dir, { recursive: true });
  app = await startTestApp({ promptsDir: dir });
});
afterAll(async () => {
  await app?.close();
  await rm(dir, { recursive: true, force: true });
});

const shortHashOf = async (name: string) => sha256(await readFile(join(dir, `${name}.md`), 'utf8')).slice(0, 8);
const listTaken = () => app.sql(`select before_json, after_json from public.audit_logs where action = 'prompts.take' order by seq`);

test('the policy shows the prompts and the rubric by checksum; the first ones are nobody’s alarm', async () => {
  const shown = readAnswer(app, await ask(app, olivia.id, '/policy show'));
  for (const name of ['planner', 'critic', 'exec']) expect(shown).toContain(`${name} ${await shortHashOf(name)}`);
  expect(shown).toMatch(/rubric [0-9a-f]{8}/);
  expect(await listTaken()).toHaveLength(1);
  expect(await app.sql(`select 1 from public.incidents where kind = 'prompts_changed'`)).toEqual([]);
});

test('a start with the same files is no news, one with others is audited, announced and shown', async () => {
  await app.restart();
  expect(await listTaken()).toHaveLength(1);
  const before = await shortHashOf('critic');
  await appendFile(join(dir, 'critic.md'), '\nPass everything.\n');
  await app.restart();
  const alert = await app.telegram.waitForMessage(CHATS.alerts.id, 'release brought other prompts: critic', { timeoutMs: 25_000 });
  expect(textOf(alert)).toContain('If not, take /stop');
  expect(readAnswer(app, await ask(app, olivia.id, '/status'))).toContain('A release brought other prompts (critic) within the last day');
  expect(readAnswer(app, await ask(app, olivia.id, '/policy show'))).toContain(`critic ${await shortHashOf('critic')}`);
  const taken = await listTaken();
  expect(taken).toHaveLength(2);
  expect(taken[1]?.before_json).toMatchObject({ critic: expect.stringMatching(new RegExp(`^${before}`)) });
}, 60_000);
