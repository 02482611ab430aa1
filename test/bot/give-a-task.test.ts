import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256 } from '../../src/domain/ids.ts';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { fromEventRow, makeEventValidator } from '../support/event-schema.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import { ask, giveTask, listReplies, readAnswer, textOf, waitForDone, waitForTask, waitForTaskText } from '../support/telling.ts';

const { adam, bella, olivia } = PERSONAS;
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

let model: FakeModel;
let app: TestApp;
beforeAll(async () => {
  model = await startFakeModel();
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
  // The first words meet everything cold.
  await ask(app, adam.id, '/help');
});
afterAll(async () => {
  await app?.close();
  await model?.close();
});

/** What was sent to the model since then, as one text. */
const promptsSince = (start: number): string =>
  model.requests
    .slice(start)
    .flatMap(({ messages }) => messages.map(({ content }) => content))
    .join('\n');

/** A little of what is around the value, or null when it is not there. */
function findIn(value: string, place: unknown): string | null {
  const text = JSON.stringify(place);
  const at = text.indexOf(value);
  return at === -1 ? null : text.slice(Math.max(0, at - 100), at + 100);
}

describe('a task by text', () => {
  test('is shown in one message, and answered as an effect', async () => {
    const { telegram } = app;
    const task = await giveTask(app, adam.id, 'Explain what a limit order is');
    const shown = await waitForDone(app, task);
    expect(shown).toContain('Explain what a limit order is');
    expect(shown).toMatch(
      /✓ 1\. plan\n✓ 2\. retriever: retrieve\n✓ 3\. researcher: research\n✓ 4\. exec: draft reply\n✓ 5\. critic · 9\/9\n✓ 6\..*\n✓ 7\. archive/,
    );
    expect(shown).toMatch(/📬 answer sent/);
    expect(shown).toMatch(/took \d+ s · T1 · [\d.]+k? tokens · \$0\.\d+/);
    const messages = telegram.history(adam.id).filter((message) => textOf(message).startsWith(task.taskId));
    expect(messages).toHaveLength(1);

    const [answer] = listReplies(app, task.request).filter((message) => message.message_id !== task.messageId);
    expect(textOf(answer)).toContain('Explain what a limit order is');
    const effects = await app.sql('select kind, status, tier, target_chat_id::int as chat from public.effects where task_id = $1', [
      task.taskId,
    ]);
    expect(effects).toEqual([{ kind: 'reply', status: 'done', tier: 'T1', chat: adam.id }]);
  });

  test('whose answer is longer than a message comes in several', async () => {
    const text = Array.from(
      { length: 80 },
      (_, index) => `${index + 1}. A line about **orders** that says a little more than nothing at all.`,
    ).join('\n\n');
    model.script('draft', { kind: 'value', value: { text } });
    const task = await giveTask(app, bella.id, 'Explain everything about orders');
    expect(await waitForDone(app, task)).toMatch(/📬 answer sent \(2 of 2 messages\)/);
    const texts = app.telegram
      .history(bella.id)
      .filter(({ message_id: id }) => id > task.messageId)
      .map(textOf);
    expect(texts).toHaveLength(2);
    expect(texts.join('\n')).toContain('80. A line about orders');
  });

  test('is acknowledged within a second', async () => {
    const waitsMs: number[] = [];
    // The best of three: what else this machine does is not the program's.
    for (const goal of ['Explain bids', 'Explain asks', 'Explain ticks']) {
      const before = performance.now();
      await giveTask(app, bella.id, goal);
      waitsMs.push(performance.now() - before);
    }
    expect(Math.min(...waitsMs)).toBeLessThan(1000);
  });

  test('leaves valid events, an intact audit chain, and its files in storage under their checksums', async () => {
    const task = await giveTask(app, adam.id, 'Explain what a stop loss is');
    await waitForDone(app, task);
    const validate = makeEventValidator();
    const events = await app.sql('select * from public.events where task_id = $1 order by ts', [task.taskId]);
    expect(events.flatMap((row) => validate(fromEventRow(row)))).toEqual([]);
    expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(['TASK_CREATED', 'STEP_READY', 'STEP_DONE', 'TASK_ENDED']));
    const [proof] = await app.sql('select public.verify_audit_chain($1) as proof', [task.taskId]);
    expect(proof?.proof).toMatchObject({ is_intact: true });

    const artifacts = await app.sql('select type, storage_ref, checksum, archived_at from public.artifacts where task_id = $1', [
      task.taskId,
    ]);
    expect(artifacts.map(({ type }) => type)).toEqual(
      expect.arrayContaining(['input', 'plan', 'context', 'findings', 'draft', 'post', 'critique', 'archive']),
    );
    for (const { storage_ref: ref, checksum } of artifacts) {
      expect(ref).toMatch(new RegExp(`^supa://tasks/${task.taskId}/|^supa://tasks/request-`));
      expect(sha256(await app.blobs.get(String(ref)))).toBe(checksum);
    }
  });
});

describe('what comes along', () => {
  test('as a reply, the message is context', async () => {
    const start = model.requests.length;
    const said = app.telegram.say(bella.id, CHATS.admin.id, 'The bridge opens on Tuesday at nine.');
    const task = await giveTask(app, adam.id, 'Summarise this', { chatId: CHATS.admin.id, replyTo: said.message_id });
    await waitForDone(app, task);
    expect(promptsSince(start)).toContain('The bridge opens on Tuesday at nine.');
    expect(listReplies(app, task.request).map(textOf).join('\n')).toContain('Summarise this');
  });

  test('an attached text file is read', async () => {
    const start = model.requests.length;
    const bytes = Buffer.from('# Harbour\nThe crane lifts forty tonnes.');
    const task = await giveTask(app, adam.id, 'Summarise the file', {
      document: { fileName: 'harbour.md', mimeType: 'text/markdown', bytes },
    });
    await waitForDone(app, task);
    expect(promptsSince(start)).toContain('The crane lifts forty tonnes.');
    expect(promptsSince(start)).toContain('harbour.md');
  });

  test('a photo under whose caption the command stands comes back with the answer', async () => {
    const task = await giveTask(app, adam.id, 'Write a caption', { photo: { fileName: 'a.png', bytes: PIXEL } });
    await waitForDone(app, task);
    const answer = listReplies(app, task.request).find(({ photo }) => photo !== undefined);
    expect(textOf(answer)).toContain('Write a caption');
    expect(Buffer.from(app.telegram.fileBytes(answer?.photo?.at(-1)?.file_id ?? ''))).toEqual(PIXEL);
  });
});

describe('personal data in a goal', () => {
  test('reach neither rows, events, audit, logs nor the model, and are in the answer', async () => {
    const start = model.requests.length;
    const secret = ['ann.lee@example.org', '+49 151 23456789'];
    const task = await giveTask(app, olivia.id, `Write to ${secret[0]} or call ${secret[1]}`);
    await waitForDone(app, task);
    const answer = listReplies(app, task.request).find(({ message_id: id }) => id !== task.messageId);
    for (const value of secret) expect(textOf(answer)).toContain(value);

    const rows = await app.sql(
      `select (select jsonb_agg(t) from public.tasks t)::text || (select jsonb_agg(s) from public.task_steps s)::text
        || (select jsonb_agg(e) from public.events e)::text || (select jsonb_agg(a) from public.audit_logs a)::text
        || coalesce((select jsonb_agg(m) from public.short_term m)::text, '') as everything`,
    );
    const places = { rows: String(rows[0]?.everything), logs: app.logLines().join('\n'), prompts: promptsSince(start) };
    for (const [place, text] of Object.entries(places)) {
      for (const value of secret) expect(findIn(value, text), place).toBeNull();
    }
    expect(places.rows).toContain('[email-1]');
    expect(places.prompts).toContain('[email-1]');
  });

  test('in an attached file, in its name, and in what an earlier task left behind are hidden from the model', async () => {
    const start = model.requests.length;
    const document = {
      fileName: 'eve@example.org.txt',
      mimeType: 'text/plain',
      bytes: Buffer.from('Zanzibar ferry: ask dan@example.org about it.'),
    };
    const text = 'The zanzibar ferry is run by [email-1].';
    model.script('draft', { kind: 'value', value: { text } });
    await waitForDone(app, await giveTask(app, olivia.id, 'Who runs the zanzibar ferry?', { document }));
    await waitForDone(app, await giveTask(app, bella.id, 'Summarise the zanzibar ferry'));
    const prompts = promptsSince(start);
    expect(prompts.match(/zanzibar ferry is run by/g)?.length).toBeGreaterThan(1);
    for (const value of ['eve@example.org', 'dan@example.org']) {
      expect(findIn(value, prompts)).toBeNull();
      expect(findIn(value, app.logLines())).toBeNull();
    }
  });

  test('are masked in what people write as a reason, too', async () => {
    const reason = 'because bob.ray@example.org complained';
    const task = await giveTask(app, adam.id, 'Explain slippage');
    await waitForDone(app, task);
    await ask(app, adam.id, `/stop ${reason}`);
    await ask(app, adam.id, `/resume ${reason}`);
    await ask(app, olivia.id, '/resume');
    model.script('plan', { kind: 'slow', delayMs: 2000 });
    const cancelled = await giveTask(app, adam.id, 'Explain spreads');
    await ask(app, adam.id, `/cancel ${cancelled.taskId} ${reason}`);
    await waitForTaskText(app, cancelled, 'cancelled');
    const rows = await app.sql(
      `select (select jsonb_agg(t) from public.tasks t)::text || (select jsonb_agg(e) from public.events e)::text
        || (select jsonb_agg(a) from public.audit_logs a)::text || (select jsonb_agg(s) from public.stops s)::text as everything`,
    );
    expect(findIn('bob.ray@example.org', rows[0])).toBeNull();
    expect(findIn('bob.ray@example.org', app.logLines())).toBeNull();
  });

  test('that a model makes up do not reach the rows', async () => {
    model.script('plan', {
      kind: 'value',
      value: {
        nodes: [{ id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write to zoe@example.org at once.' }],
        summary: 'Write to zoe@example.org',
      },
    });
    const critique = { policy_compliance: 1, evidence_cited: 1, factuality: 2, clarity: 2, risk_flags: 1, red_flags: [] };
    model.script('critique', { kind: 'value', value: { ...critique, factuality: 0, comments: 'zoe@example.org is invented' } });
    const task = await giveTask(app, adam.id, 'Explain margin');
    await waitForDone(app, task);
    const rows = await app.sql(
      `select (select jsonb_agg(t) from public.tasks t)::text || (select jsonb_agg(s) from public.task_steps s)::text
        || (select jsonb_agg(e) from public.events e)::text || (select jsonb_agg(a) from public.audit_logs a)::text as everything`,
    );
    expect(findIn('zoe@example.org', rows[0])).toBeNull();
    expect(findIn('zoe@example.org', app.logLines())).toBeNull();
  });
});

describe('/task without a goal', () => {
  test('asks for it, /cancel leaves, /stop works meanwhile, and a restart forgets nothing', async () => {
    const { telegram } = app;
    expect(textOf(await ask(app, bella.id, '/task'))).toContain('What should be done?');
    expect(textOf(await ask(app, bella.id, '/stop drill'))).toContain('STOPPED');
    expect(textOf(await ask(app, bella.id, '/cancel'))).toContain('No task was given');
    await ask(app, bella.id, '/resume');
    await ask(app, olivia.id, '/resume');

    expect(textOf(await ask(app, bella.id, '/task'))).toContain('What should be done?');
    await app.restart();
    const task = await waitForTask(app, telegram.say(bella.id, bella.id, 'Explain what a market order is'));
    await waitForDone(app, task);
    expect(listReplies(app, task.request).map(textOf).join('\n')).toContain('Explain what a market order is');
  });
});

describe('afterwards', () => {
  test('/tasks, /status and /why tell the truth about it', async () => {
    const task = await giveTask(app, adam.id, 'Explain what a fill is');
    await waitForDone(app, task);
    const list = textOf(await ask(app, adam.id, '/tasks done'));
    expect(list).toContain(task.taskId);
    const status = textOf(await ask(app, adam.id, `/status ${task.taskId.toLowerCase()}`));
    expect(status).toContain('✅ done');
    expect(status).toContain('research ← retrieve');
    expect(status).toContain('Tier T1');
    const why = readAnswer(app, await ask(app, adam.id, `/why ${task.taskId}`));
    expect(why).toContain('intact');
    expect(why).toMatch(/Adam asked for it; policy 1/);
    expect(why).toMatch(/accepted the plan: tier T1, by the rule “the highest tier of its actions”/);
    expect(why).toMatch(/passed it with 9 of 9 points, 7 needed/);
    expect(why).toMatch(/was granted the effect reply/);
    expect(textOf(await ask(app, adam.id, `/cancel ${task.taskId}`))).toContain('already ended');
    expect(textOf(await ask(app, adam.id, '/status T-2020-01-01-0001'))).toContain('There is no task');
  });
});
