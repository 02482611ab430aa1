import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadPrompts, PROMPT_SCHEMAS, parsePrompt } from '../../src/agents/prompts.ts';
import { AGENT_NAMES, makeAgents } from '../../src/agents/registry.ts';
import { PROMPTS } from './support.ts';

describe('prompts', () => {
  it('name the schema of their answer in their text, too', () => {
    for (const prompt of Object.values(PROMPTS)) {
      expect(prompt.schemaName).toBe(PROMPT_SCHEMAS[prompt.name]);
      expect(prompt.text).toContain(`schema "${prompt.schemaName}"`);
      expect(prompt.text).not.toContain('Schema:');
      expect(prompt.sha256).toMatch(/^[0-9a-f]{64}$/);
    }
  });

  it('have a checksum that changes with every byte', () => {
    const one = parsePrompt('exec', 'Schema: draft\n\nWrite.');
    const two = parsePrompt('exec', 'Schema: draft\n\nWrite!');
    expect(one.text).toBe('Write.');
    expect(one.sha256).not.toBe(two.sha256);
  });

  it.each([
    ['no head', 'Write.'],
    ['the schema of another agent', 'Schema: plan\n\nWrite.'],
    ['no text', 'Schema: draft\n\n  \n'],
  ])('are refused with %s', (_name, source) => {
    expect(() => parsePrompt('exec', source)).toThrow(expect.objectContaining({ code: 'config_invalid' }));
  });

  it('are refused by the name of the file that is missing', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'prompts-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    await expect(loadPrompts(dir)).rejects.toMatchObject({
      code: 'config_invalid',
      message: expect.stringContaining('.md cannot be read'),
    });
  });
});

it('the registry has every agent of the policy but the trader', () => {
  expect([...makeAgents(PROMPTS).keys()]).toEqual([...AGENT_NAMES]);
  expect(makeAgents(PROMPTS).has('trader')).toBe(false);
});
