import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { ask, listReplies, textOf, until } from '../support/telling.ts';

const { olivia, adam, bella } = PERSONAS;

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const count = async (text: string) => Number((await app.sql(`select count(*)::int as count from ${text}`))[0]?.count);
const settle = () =>
  until(
    async () => app.telegram.pendingUpdates().length === 0 && (await count("public.inbox where status in ('pending', 'processing')")) === 0,
  );

test('the same update twice is one task', async () => {
  const message = {
    message_id: 9_000,
    date: Math.floor(Date.now() / 1000),
    chat: { id: adam.id, type: 'private' as const, first_name: 'Adam' },
    from: { id: adam.id, is_bot: false, first_name: 'Adam' },
    text: '/task Summarise the opening hours',
    entities: [{ type: 'bot_command' as const, offset: 0, length: 5 }],
  };
  const updateId = app.telegram.injectUpdate({ message });
  await app.telegram.waitForMessage(adam.id, 'Summarise the opening hours');
  await settle();
  await deliverAgain(updateId, { message });
  expect(await count('public.tasks')).toBe(1);
  expect(await count('public.inbox')).toBe(1);
  expect(await count("public.audit_logs where action = 'inbox.conflict'")).toBe(0);
  // The same number with other content is not handled either, and is noted.
  await deliverAgain(updateId, { message: { ...message, text: '/task Something else' } });
  expect(await count("public.audit_logs where action = 'inbox.conflict'")).toBe(1);
  expect(await count('public.tasks')).toBe(1);
});

/** A process that did not get to say what it had stored: Telegram delivers it again to the next one. */
async function deliverAgain(updateId: number, update: Parameters<TestApp['telegram']['injectUpdate']>[0]): Promise<void> {
  app.telegram.injectUpdate({ ...update, update_id: updateId });
  app.telegram.failNext({ method: 'getUpdates', as: 'drop-before' });
  const polls = app.telegram.calls('getUpdates').length;
  await app.restart();
  const isDelivered = (result: unknown) =>
    Array.isArray(result) && result.some((item: { update_id: number }) => item.update_id === updateId);
  await app.telegram.waitFor(
    ({ calls }) =>
      calls('getUpdates')
        .slice(polls)
        .some(({ result }) => isDelivered(result)),
    { timeoutMs: 15_000 },
  );
  await settle();
}

test('what one chat says is handled in the order in which it was said', async () => {
  const goals = Array.from({ length: 8 }, (_, index) => `Summarise rule ${index + 1}`);
  const said = goals.map((goal) => app.telegram.say(bella.id, bella.id, `/task ${goal}`));
  await app.telegram.waitFor(() => said.every((message) => listReplies(app, message).length > 0), { timeoutMs: 15_000 });
  const rows = await app.sql('select goal from public.tasks where actor = $1 order by task_id', [`tg:${bella.id}`]);
  expect(rows.map(({ goal }) => goal)).toEqual(goals);
});

test('/stop overtakes a slow handler in its own chat', async () => {
  app.telegram.failNext({ method: 'sendMessage', chatId: CHATS.admin.id, as: { delayMs: 4_000 } });
  const slow = app.telegram.say(olivia.id, CHATS.admin.id, '/tasks');
  await until(() =>
    app.telegram.calls('sendMessage').some(({ injected, answeredAt }) => injected !== undefined && answeredAt === undefined),
  );
  const startedAt = performance.now();
  expect(textOf(await ask(app, olivia.id, '/stop', { chatId: CHATS.admin.id }))).toContain('STOPPED');
  expect(performance.now() - startedAt).toBeLessThan(3_500);
  expect(listReplies(app, slow)).toEqual([]);
  await app.telegram.waitFor(() => listReplies(app, slow).length === 1);
});

test('a flood of commands is answered with one word and dropped; /stop and /resume still work in it', async () => {
  for (let index = 0; index < 200; index += 1) app.telegram.say(adam.id, adam.id, '/tasks');
  const stopped = app.telegram.say(adam.id, adam.id, '/stop it is a flood');
  await app.telegram.waitFor(() => listReplies(app, stopped).length > 0, { timeoutMs: 15_000 });
  expect(textOf(listReplies(app, stopped)[0])).toContain('STOPPED');
  const resumed = app.telegram.say(adam.id, adam.id, '/resume');
  await app.telegram.waitFor(() => listReplies(app, resumed).length > 0, { timeoutMs: 30_000 });
  expect(textOf(listReplies(app, resumed)[0])).toContain('A second person');
  await settle();
  const answers = app.telegram.history(adam.id).filter((message) => message.from?.is_bot);
  expect(answers.filter((message) => textOf(message).includes('That was a lot at once')).length).toBeGreaterThanOrEqual(1);
  expect(answers.filter((message) => textOf(message).includes('Summarise rule')).length).toBeLessThan(100);
  expect(await count("public.inbox where status = 'dead'")).toBe(0);
}, 60_000);

test('a second poller is named in the log and by /ready, and it recovers', async () => {
  const ready = async () => {
    const response = await fetch(`${app.url}/ready`);
    return { status: response.status, body: (await response.json()) as { checks: Record<string, string> } };
  };
  expect((await ready()).status).toBe(200);
  app.telegram.failNext({
    method: 'getUpdates',
    as: { status: 409, description: 'Conflict: terminated by other getUpdates request; make sure that only one bot instance is running' },
  });
  const said = app.telegram.say(bella.id, bella.id, '/tasks');
  const seen = await until(async () => {
    const answer = await ready();
    return answer.status === 503 && answer;
  });
  expect(seen.body.checks).toMatchObject({ store: 'ok', queue: 'ok', telegram: 'Another process polls for this bot; waiting' });
  expect(app.logLines().some((line) => line.includes('only one process may poll'))).toBe(true);
  await app.telegram.waitFor(() => listReplies(app, said).length > 0, { timeoutMs: 15_000 });
  await until(async () => (await ready()).status === 200);
});

test('/health, /ready and /metrics tell the truth', async () => {
  expect(await (await fetch(`${app.url}/health`)).json()).toEqual({ status: 'ok' });
  const metrics = await (await fetch(`${app.url}/metrics`)).text();
  const read = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(metrics)?.[1] ?? Number.NaN);
  expect(read('ags_updates_total')).toBeGreaterThan(200);
  expect(read('ags_stop_generation')).toBe(3);
  expect(read('ags_inbox_pending')).toBe(0);
  expect(metrics).toMatch(/^ags_steps_total\{agent="planner",outcome="done"\} \d+$/m);
  expect(metrics).toMatch(/^ags_effects_total\{kind="reply",outcome="done"\} \d+$/m);
  expect(read('ags_tasks\\{status="done"\\}')).toBe(await count("public.tasks where status = 'done'"));
  expect(read('ags_effects_in_doubt')).toBe(0);
});
