import { describe, expect, test } from 'vitest';
import type { ScriptedAnswer } from '../support/fake-model.ts';
import { failureOf, GOOD, setUp } from './harness.ts';

const json = JSON.stringify(GOOD);

/** What a model may send, and what it is told in the one repair. */
const MALFORMED: [string, ScriptedAnswer, string][] = [
  ['nothing', { kind: 'empty' }, 'empty'],
  ['an answer cut off at the limit', { kind: 'truncated' }, 'cut off at 500 tokens'],
  ['truncated JSON that claims to be whole', { kind: 'text', text: json.slice(0, -5) }, 'not valid JSON'],
  ['prose around the JSON', { kind: 'text', text: `Sure! ${json}` }, 'not valid JSON'],
  ['prose around a fence', { kind: 'text', text: `Sure!\n\`\`\`json\n${json}\n\`\`\`` }, 'not valid JSON'],
  ['two fences', { kind: 'text', text: `\`\`\`\n${json}\n\`\`\`\n\`\`\`\n${json}\n\`\`\`` }, 'not valid JSON'],
  ['two documents', { kind: 'text', text: `${json}\n${json}` }, 'not valid JSON'],
  ['a key twice', { kind: 'duplicate_keys' }, 'twice'],
  ['a number no double holds', { kind: 'text', text: '{"text":"a","count":12345678901234567890}' }, 'exactly'],
  ['another shape', { kind: 'wrong_shape' }, 'surprise: unknown key'],
  ['a missing field', { kind: 'value', value: { text: 'a' } }, 'count:'],
  ['a number as text', { kind: 'value', value: { text: 'a', count: '2' } }, 'count:'],
  ['an extra key', { kind: 'value', value: { ...GOOD, skip_approval: true } }, 'skip_approval: unknown key'],
  ['a limit overstepped', { kind: 'value', value: { text: 'a'.repeat(3000), count: 1 } }, 'text:'],
  ['a list instead of an object', { kind: 'value', value: [GOOD] }, 'answer:'],
  ['null', { kind: 'text', text: 'null' }, 'answer:'],
  ['300 KiB', { kind: 'huge' }, 'larger than 262144 bytes'],
  ['2 MiB', { kind: 'huge', bytes: 2 * 1024 * 1024 }, 'larger than 1048576 bytes'],
  ['two choices of which the first is bad', { kind: 'two_choices', values: [{ text: 1 }, GOOD] }, 'text:'],
];

describe('an answer that does not fit is repaired once and never used', () => {
  test.each(MALFORMED)('%s', async (_, answer, problem) => {
    await using setup = await setUp();
    setup.model.script('draft', answer);
    const { value, usage } = await setup.ask();
    expect(value).toEqual(GOOD);
    expect(usage).toHaveLength(2);
    expect(setup.model.requests[1]?.messages.at(-1)?.content).toContain(problem);
    expect(setup.calls.map(({ outcome, isRepair }) => ({ outcome, isRepair }))).toEqual([
      { outcome: 'output_invalid', isRepair: false },
      { outcome: 'ok', isRepair: true },
    ]);
    expect(setup.ledger.openCount()).toBe(0);
  });

  test.each(MALFORMED)('%s, twice', async (_, answer) => {
    await using setup = await setUp();
    setup.model.script('draft', answer, answer);
    const error = await failureOf(setup.ask());
    expect(error.code).toBe('output_invalid');
    expect(setup.model.count('draft')).toBe(2);
    expect(setup.ledger.settled.map(([, { outcome }]) => outcome)).toEqual(['failed', 'failed']);
  });

  test('the repair shows the bad answer, and nothing of one that was too large', async () => {
    await using setup = await setUp();
    setup.model.script('draft', { kind: 'wrong_shape' });
    await setup.ask();
    expect(setup.model.requests[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
    setup.model.script('draft', { kind: 'huge' });
    await setup.ask();
    const [asked] = setup.model.requests.slice(-1);
    expect(JSON.stringify(asked?.messages).length).toBeLessThan(10_000);
  });

  test('the check says what no schema can, and its problems are repaired too', async () => {
    await using setup = await setUp();
    const problems = [['the text names no source'], []];
    const { value } = await setup.ask({ check: () => problems.shift() ?? [] });
    expect(value).toEqual(GOOD);
    expect(setup.model.requests[1]?.messages.at(-1)?.content).toContain('- the text names no source');
  });

  test('a check that is never satisfied ends it after one repair', async () => {
    await using setup = await setUp({ engines: [{}, { name: 'fast' }] });
    const error = await failureOf(setup.ask({ check: () => ['no'] }));
    expect(error).toMatchObject({ code: 'output_invalid', context: { engine: 'default', schemaName: 'draft', problems: ['no'] } });
    expect(setup.model.requests.map(({ model }) => model)).toEqual(['model-default', 'model-default']);
  });
});

describe('an answer that fits', () => {
  test.each<[string, ScriptedAnswer]>([
    ['plain', { kind: 'value', value: GOOD }],
    ['with blanks around it', { kind: 'text', text: `\n ${json} \n` }],
    ['alone in one code fence', { kind: 'text', text: `\`\`\`json\n${json}\n\`\`\`` }],
    ['the first of two choices', { kind: 'two_choices', values: [GOOD, { text: 'other', count: 9 }] }],
  ])('%s is taken as it is', async (_, answer) => {
    await using setup = await setUp();
    setup.model.script('draft', answer);
    expect(await setup.ask()).toMatchObject({ value: GOOD, engine: 'default', model: 'model-default', isRehearsal: false });
    expect(setup.model.count('draft')).toBe(1);
  });

  test('was asked for with a strict schema, the model and a limit', async () => {
    await using setup = await setUp();
    await setup.ask();
    expect(setup.model.requests[0]?.body).toEqual({
      model: 'model-default',
      messages: expect.arrayContaining([{ role: 'user', content: 'Write about gold.' }]),
      max_tokens: 500,
      response_format: {
        type: 'json_schema',
        json_schema: {
          name: 'draft',
          strict: true,
          schema: {
            type: 'object',
            properties: {
              text: { type: 'string', description: 'at least 1 characters, at most 2000 characters' },
              count: { type: 'integer', description: 'at least 0' },
            },
            required: ['text', 'count'],
            additionalProperties: false,
          },
        },
      },
    });
  });
});

describe('a refusal', () => {
  test.each<ScriptedAnswer>([{ kind: 'refusal', text: 'I will not write about Ada.' }, { kind: 'content_filter' }])(
    '%j ends it at once',
    async (answer) => {
      await using setup = await setUp({ engines: [{}, { name: 'fast' }] });
      setup.model.script('draft', answer);
      const error = await failureOf(setup.ask());
      expect(error.code).toBe('engine_refused');
      expect(JSON.stringify(error.context) + error.message).not.toContain('Ada');
      expect(setup.model.count('draft')).toBe(1);
      expect(setup.ledger.settled[0]?.[1].inputTokens).toBeGreaterThan(0);
    },
  );
});
