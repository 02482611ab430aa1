import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeFileAnchorStore } from '../../../src/memory/anchors/file-anchors.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { makeTestAnchor } from '../../memory/anchors/support.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, textOf, until } from '../../support/telling.ts';

const { olivia } = PERSONAS;
let directory: string;
let app: TestApp;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ags-anchors-'));
  // A file stands where the folder should be.
  await writeFile(join(directory, 'kept'), '');
  app = await startTestApp({
    env: { AGS_ANCHOR_URL: pathToFileURL(join(directory, 'kept')).href },
    anchorTimes: { intervalSeconds: 0, lookEveryMs: 50 },
  });
});
afterAll(async () => {
  await app?.close();
  await rm(directory, { recursive: true, force: true });
});

const readStatus = async () => textOf(await ask(app, olivia.id, '/status'));
const isKept = async () => (await app.sql(`select 1 from public.anchor_places where place = 'url'`)).length > 0;

test('is told in /status with its reason, keeps no other place waiting, and is over when it works', async () => {
  await app.telegram.waitForMessage(CHATS.admin.id, /Audit anchor 1 /);
  await until(async () => (await app.sql('select 1 from public.anchor_problems')).length > 0);
  expect(await readStatus()).toMatch(/1 audit anchor is not kept in AGS_ANCHOR_URL since .* it is tried again: AGS_ANCHOR_URL: .*kept/);
  expect(textOf(await ask(app, olivia.id, '/audit verify'))).toContain('What is kept at AGS_ANCHOR_URL could not be read');
  await rm(join(directory, 'kept'));
  await until(isKept);
  expect(await readdir(join(directory, 'kept'))).toEqual(['anchor-00000001.json']);
  expect(await readStatus()).not.toContain('not kept in AGS_ANCHOR_URL');
  // The message went to the group once, however often the other place was tried.
  expect(app.telegram.history(CHATS.admin.id).filter((message) => textOf(message).includes('Audit anchor 1 '))).toHaveLength(1);
});

test('a database that was put back finds another anchor under its next number, and says so', async () => {
  await makeFileAnchorStore(join(directory, 'kept')).keep(makeTestAnchor(2));
  expect(textOf(await ask(app, olivia.id, '/audit verify'))).toContain('anchor 2 is missing in this database: an older state was put back');
  await app.sql(`select public._audit('system', 'system', 'test.append', 'test')`);
  await until(async () => (await app.sql(`select 1 from public.anchor_problems where anchor_number = 2`)).length > 0);
  expect(await readStatus()).toContain('this database is not the one that made it');
  expect(textOf(await ask(app, olivia.id, '/audit verify'))).toContain('anchor 2 is another one than the copy that is kept outside');
});
