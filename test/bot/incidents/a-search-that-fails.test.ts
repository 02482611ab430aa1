import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { findViolations } from '../../../src/store/invariants.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type FakeModel, startFakeModel } from '../../support/fake-model.ts';
import { ask, giveTask, listPublished, pressCard, readAnswer, textOf, until, waitForCard, waitForDone } from '../../support/telling.ts';

const { adam, bella } = PERSONAS;
const PLAN = [
  { id: 'retrieve', agent: 'retriever', action: 'RETRIEVE', after: [], instruction: 'Look for it.' },
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: ['retrieve'], instruction: 'Write it.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];

let model: FakeModel;
let app: TestApp;
beforeAll(async () => {
  model = await startFakeModel();
  model.setPlan(PLAN);
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
});
afterAll(async () => {
  await app?.close();
  await model?.close();
});

/** The search is there and says nothing but an error, until it is mended. */
const breakSearch = () => app.sql('alter function public.search_artifacts(text, text, integer) rename to search_artifacts_away');
const mendSearch = () => app.sql('alter function public.search_artifacts_away(text, text, integer) rename to search_artifacts');

async function publish(goal: string): Promise<string> {
  const task = await giveTask(app, adam.id, goal);
  const card = await waitForCard(app, task);
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, task);
  return card.text;
}

test('the task goes on with what was found before; the card, its context and /why say so', async () => {
  await publish('Publish the opening hours of the kiosk');
  expect(await publish('Publish once more the opening hours of the kiosk')).not.toContain('from the cache');
  await breakSearch();
  const task = await giveTask(app, adam.id, 'Publish again the opening hours of the kiosk');
  const card = await waitForCard(app, task);
  expect(card.text).toMatch(/⚠️ Sources from the cache of \d\d:\d\d UTC: search did not answer\./);
  const [context] = await app.sql(`select content from public.artifacts where task_id = $1 and type = 'context'`, [task.taskId]);
  expect(context?.content).toMatch(/^# Context\n\nSources: those of earlier tasks are from the cache of .* UTC/);
  expect(context?.content).toContain('## 1. T-');
  const why = readAnswer(app, await ask(app, adam.id, `/why ${task.taskId}`));
  expect(why).toMatch(/the rules took for retrieve sources from the cache of .* UTC: search did not answer/);

  const alone = await giveTask(app, bella.id, 'Publish zebras');
  expect((await waitForCard(app, alone)).text).toContain(
    '⚠️ No sources from earlier tasks: search did not answer, and nothing was in the cache.',
  );
  await mendSearch();
});

test('after five failures it is left alone, and nobody waits for it', async () => {
  await breakSearch();
  const breaker = () => app.sql(`select state from public.breakers where name = 'search'`);
  for (let nth = 1; (await breaker())[0]?.state !== 'open'; nth += 1)
    await waitForCard(app, await giveTask(app, adam.id, `Publish hour ${nth}`));
  await mendSearch();
  expect(textOf(await app.telegram.waitForMessage(CHATS.alerts.id, 'The breaker of search is open'))).toContain('search');
  const task = await giveTask(app, adam.id, 'Publish the opening hours of the kiosk as before');
  await waitForCard(app, task);
  const [mark] = await until(async () => {
    const rows = await app.sql('select reason from public.stale_retrievals where task_id = $1', [task.taskId]);
    return rows.length > 0 && rows;
  });
  expect(mark).toEqual({ reason: 'left_alone' });
}, 60_000);

test('the runbook has what is unfinished search and be judged again; people are asked anew, and what is out is listed', async () => {
  const [stale] = await app.sql(
    `select count(*)::int as count from public.stale_retrievals join public.tasks t using (task_id) where t.ended_at is null`,
  );
  const task = await giveTask(app, adam.id, 'Publish the opening hours of the kiosk for the last time');
  const old = await waitForCard(app, task);
  expect(old.text).toContain('⚠️ Sources from the cache of');
  app.telegram.say(adam.id, adam.id, '/runbook memory-drift');
  const shown = await app.telegram.waitForMessage(adam.id, 'Runbook memory-drift: dry run', { timeoutMs: 20_000 });
  expect(textOf(shown)).toContain(`have ${Number(stale?.count) + 1} unfinished tasks search and be judged again`);
  // Two minutes later, as far as the rows know: this process remembers a breaker for a second only.
  await app.sql(`update public.breakers set opened_at = opened_at - interval '2 minutes'`);
  await app.telegram.press(adam.id, adam.id, shown.message_id, 'Run', { timeoutMs: 15_000 });
  const ended = await app.telegram.waitFor(
    () => {
      const said = textOf(app.telegram.message(adam.id, shown.message_id));
      return /^(✅|🚨)/.test(said) ? said : null;
    },
    { timeoutMs: 60_000 },
  );
  expect(ended).toMatch(/^✅ Runbook memory-drift: done/);
  expect(ended).toMatch(/✓ 1\. search the search answers\n✓ 2\. forget \d+ kept retrievals are forgotten\n/);
  expect(ended).toMatch(/✓ 4\. compare \d+ artifacts compared: each as its checksum says/);
  expect(await app.sql(`select 1 from public.stale_retrievals join public.tasks t using (task_id) where t.ended_at is null`)).toEqual([]);
  expect(await app.sql(`select state from public.breakers where name = 'search'`)).toEqual([{ state: 'closed' }]);

  const card = await waitForCard(app, task, { after: old.reference });
  expect(card.text).toMatch(/🔁 Replaces .* \(its sources were stale\)/);
  expect(card.text).not.toContain('from the cache');
  const published = listPublished(app).length;
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, task);
  expect(listPublished(app)).toHaveLength(published + 1);
  expect(await findViolations((text) => app.sql(text))).toEqual([]);
}, 120_000);
