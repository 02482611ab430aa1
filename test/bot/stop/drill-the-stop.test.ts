import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { heartbeat } from '../../../src/store/stop.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { ask, giveTask, listPublished, pressCard, textOf, waitForCard, waitForDone } from '../../support/telling.ts';

const { olivia, adam, bella, rita, sam } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const loadSwitch = async () => (await app.sql('select generation::int as generation, stopped_at from public.stop_switch'))[0];

test('only operators and owners drill', async () => {
  expect(textOf(await ask(app, rita.id, '/drill stop'))).toContain('You may not use /drill');
  expect(textOf(await ask(app, adam.id, '/drill'))).toContain('/drill stop');
  app.telegram.say(sam.id, sam.id, '/drill stop');
  await app.telegram.waitForMessage(sam.id, 'nobody has given you a role');
  expect(await app.sql('select 1 from public.stop_drills')).toEqual([]);
});

test('a drill is told where it was asked for, nothing real is stopped by it, and nothing is sent', async () => {
  const task = await giveTask(app, adam.id, 'Publish a post about the opening hours');
  const card = await waitForCard(app, task);
  const said = app.telegram.say(adam.id, adam.id, '/drill stop');
  const result = await app.telegram.waitForMessage(adam.id, /Drill passed/, { timeoutMs: 15_000 });
  expect(result.reply_to_message?.message_id).toBe(said.message_id);
  expect(textOf(result)).toMatch(
    /^✅ Drill passed: the stop would have held after [\d.]+ s\.\n1 worker acknowledged, and the gate refused the dummy/,
  );
  expect(await loadSwitch()).toEqual({ generation: 2, stopped_at: null });
  expect(await pressCard(app, bella.id, card, 'Approve')).toContain('Approved: it goes out now');
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(1);
  expect(app.telegram.history(CHATS.admin.id).filter((message) => /[Dd]rill/.test(textOf(message)))).toEqual([]);
  expect(textOf(await ask(app, rita.id, '/status'))).toMatch(/Stop drill: passed at .*, [\d.]+ s to halt/);
});

test('a worker that does not answer fails it: whoever asked, the admin group and /status hear of it', async () => {
  // As a suspended process looks: seen a moment ago, and silent since.
  await heartbeat(app.rpc('ags_worker'), { worker: 'w-asleep', roles: 'worker', generationSeen: 1 });
  await ask(app, olivia.id, '/drill stop');
  const result = await app.telegram.waitForMessage(olivia.id, /Drill FAILED/, { timeoutMs: 20_000 });
  expect(textOf(result)).toContain('no acknowledgement from w-asleep');
  await app.telegram.waitForMessage(CHATS.admin.id, /Drill FAILED/);
  expect(textOf(await ask(app, rita.id, '/status'))).toMatch(
    /⚠️ The drill of the emergency stop of .* failed: no acknowledgement from w-asleep\. \/drill stop tries it now\./,
  );
}, 40_000);

test('under a stop nothing is drilled', async () => {
  await ask(app, rita.id, '/stop');
  expect(textOf(await ask(app, adam.id, '/drill stop'))).toBe('Everything is stopped, so nothing is drilled: the stop holds already.');
});
