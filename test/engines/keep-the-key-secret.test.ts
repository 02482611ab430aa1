import { inspect } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import type { ScriptedAnswer } from '../support/fake-model.ts';
import { failureOf, KEY, MESSAGES, setUp } from './harness.ts';

const ECHO = {
  error: { message: `Incorrect API key provided: ${KEY}. Prompt was: ${MESSAGES[1]?.content}`, code: KEY, type: `bad ${KEY}` },
};

describe('the key of a model server', () => {
  test('goes to the server as a bearer token', async () => {
    await using setup = await setUp();
    await setup.ask();
    expect(setup.model.requests[0]?.headers.authorization).toBe(`Bearer ${KEY}`);
  });

  test('is left out for a server that needs none', async () => {
    await using setup = await setUp({ engines: [{ apiKey: null }] });
    await setup.ask();
    expect(setup.model.requests[0]?.headers.authorization).toBeUndefined();
  });

  test('user and password of the URL become basic authentication', async () => {
    await using target = await setUp();
    const baseUrl = target.model.baseUrl.replace('//', '//me:p%40ss@');
    await using setup = await setUp({ engines: [{ apiKey: null, baseUrl }] });
    await setup.ask();
    expect(target.model.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('me:p@ss').toString('base64')}`);
  });

  test.each<ScriptedAnswer>([
    { kind: 'status', status: 401, body: ECHO },
    { kind: 'status', status: 400, body: ECHO },
    { kind: 'status', status: 500, body: ECHO, headers: { 'x-request-id': `req ${KEY}` } },
    { kind: 'refusal', text: `No, ${KEY}. ${MESSAGES[1]?.content}` },
    { kind: 'body', body: JSON.stringify(ECHO) },
    { kind: 'hang' },
    { kind: 'reset' },
  ])('stands in no error, log or record, nor does the prompt: %j', async (answer) => {
    const written: unknown[] = [];
    const spies = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
      vi.spyOn(console, name).mockImplementation((...line) => written.push(line)),
    );
    await using setup = await setUp({ engines: [{ timeoutMs: 100 }] });
    setup.model.script('draft', answer, answer, answer);
    const error = await failureOf(setup.ask());
    const everything = inspect([error, error.stack, setup.calls, setup.ledger, setup.engines.describe(), written], {
      depth: 20,
      showHidden: true,
    });
    expect(everything).not.toContain(KEY);
    expect(everything).not.toContain('about gold');
    for (const spy of spies) spy.mockRestore();
  });

  test('what the environment holds for the library is not used', async () => {
    vi.stubEnv('OPENAI_ORG_ID', 'org-x');
    vi.stubEnv('OPENAI_PROJECT_ID', 'project-x');
    vi.stubEnv('OPENAI_BASE_URL', 'http://127.0.0.1:1/v1');
    await using setup = await setUp();
    await setup.ask();
    const headers = setup.model.requests[0]?.headers ?? {};
    expect(headers['openai-organization']).toBeUndefined();
    expect(headers['openai-project']).toBeUndefined();
    vi.unstubAllEnvs();
  });
});
