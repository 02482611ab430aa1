import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, pressCard, textOf, until } from '../../support/telling.ts';
import { waitForChangeCard } from './changes.ts';
import { DEFAULT_YAML, MORE_MONEY_YAML, PUBLISH_T3_YAML, policyInForce } from './policies.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const OFFER = 'I was started with another policy file.';
let dir = '';
let file = '';
let app: TestApp;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ags-policy-'));
  file = join(dir, 'policy.yaml');
  await writeFile(file, DEFAULT_YAML);
  app = await startTestApp({ env: { AGS_POLICY_FILE: file } });
});
afterAll(async () => {
  await app?.close();
  await rm(dir, { recursive: true, force: true });
});

const listOffers = () => app.telegram.history(CHATS.admin.id).filter((message) => textOf(message).includes(OFFER));
const restartWith = async (yaml: string) => {
  await writeFile(file, yaml);
  await app.restart();
  // It answers, so that it has started.
  return textOf(await ask(app, adam.id, '/status'));
};

test('the same file again says nothing', async () => {
  expect(await restartWith(DEFAULT_YAML)).not.toContain('policy file');
  expect(listOffers()).toEqual([]);
});

test('a changed file is not applied but announced, once, however often the program starts', async () => {
  expect(await restartWith(MORE_MONEY_YAML)).toContain('The policy file differs from policy version 1 in force and was not applied');
  const [offer] = await until(() => (listOffers().length > 0 ? listOffers() : null), { what: 'the announcement' });
  expect(textOf(offer)).toContain('⚠️ budgets.day_usd changes from 20.00 to 40.00.');
  expect(await policyInForce(app)).toBe(1);
  await restartWith(MORE_MONEY_YAML);
  expect(listOffers()).toHaveLength(1);
});

test('an owner takes it up by its button, and two people put it in force', async () => {
  const [offer] = listOffers();
  const card = { chatId: CHATS.admin.id, messageId: offer?.message_id ?? 0, text: '', reference: '', labels: [] };
  expect(await pressCard(app, adam.id, card, '📄 Propose it')).toContain('your role may not propose this');
  const answer = await pressCard(app, olivia.id, card, '📄 Propose it');
  const reference = /T3-[A-Z2-9]{4,}/.exec(answer)?.[0] ?? '';
  await waitForChangeCard(app, reference);
  expect(await pressCard(app, oscar.id, card, '📄 Propose it')).toContain(`${reference} is asked already`);
  expect(textOf(await ask(app, bella.id, `/approve ${reference} yes`))).toContain('It is in force now');
  expect(await policyInForce(app)).toBe(2);
  expect(textOf(await ask(app, adam.id, '/status'))).not.toContain('policy file');
});

test('the file that was replaced is none to announce; a third one is, and a command takes it up', async () => {
  expect(await restartWith(DEFAULT_YAML)).toContain('The policy file is what policy version 1 was; version 2 is in force.');
  expect(textOf(await ask(app, olivia.id, '/policy propose file'))).toContain('no other file');
  await restartWith(PUBLISH_T3_YAML);
  await until(() => listOffers().length === 2, { what: 'the second announcement' });
  const said = textOf(await ask(app, olivia.id, '/policy propose file'));
  expect(said).toContain('is asked. Your own word counts as owner');
  expect(await policyInForce(app)).toBe(2);
});
