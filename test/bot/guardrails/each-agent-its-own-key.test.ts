import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type FakeModel, startFakeModel } from '../../support/fake-model.ts';
import { giveTask, waitForDone } from '../../support/telling.ts';

/** Two model servers with a key each; the critic's route names the second one alone, nobody else's does. */
let writer: FakeModel;
let judge: FakeModel;
let app: TestApp;
beforeAll(async () => {
  [writer, judge] = await Promise.all([startFakeModel(), startFakeModel()]);
  const yaml = await readFile(new URL('../../../policies/default.yaml', import.meta.url), 'utf8');
  const policy = yaml
    .replace(
      '\nengines:\n',
      '\nengines:\n  judge: { base_url_env: JUDGE_URL, key_env: JUDGE_KEY, model: strict, usd_per_mtok: { in: "0.10", out: "0.10" } }\n',
    )
    .replace('  critic: [default]\n', '  critic: [judge]\n');
  const env = {
    OPENAI_BASE_URL: writer.baseUrl,
    OPENAI_API_KEY: 'key-of-writers',
    JUDGE_URL: judge.baseUrl,
    JUDGE_KEY: 'key-of-the-critic',
  };
  app = await startTestApp({ policy, env });
});
afterAll(async () => {
  await app?.close();
  await Promise.all([writer?.close(), judge?.close()]);
});

test('each agent calls the engine of its route, with that engine’s key and no other', async () => {
  await waitForDone(app, await giveTask(app, PERSONAS.adam.id, 'Say when we are open'));
  expect(judge.requests.map(({ schemaName }) => schemaName)).toEqual(['critique']);
  expect(writer.requests.map(({ schemaName }) => schemaName)).not.toContain('critique');
  expect(writer.requests.length).toBeGreaterThan(1);
  for (const { headers } of judge.requests) expect(headers.authorization).toBe('Bearer key-of-the-critic');
  for (const { headers } of writer.requests) expect(headers.authorization).toBe('Bearer key-of-writers');
});
