import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { verifyBundle } from '../../../src/domain/evidence/verify-bundle.ts';
import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { makeAnchor } from '../../../src/store/anchors.ts';
import { startTestApp, type TestApp } from '../../support/app.ts';
import { type FakeModel, startFakeModel } from '../../support/fake-model.ts';
import {
  ask,
  type GivenTask,
  giveTask,
  listReplies,
  pressCard,
  readAnswer,
  textOf,
  until,
  waitForCard,
  waitForDone,
} from '../../support/telling.ts';

const { adam, bella, olivia, rita } = PERSONAS;
const ADMIN = CHATS.admin.id;
const SIGNALS = CHATS.signals.id;
const SCRIPT = new URL('../../../scripts/audit-verify.ts', import.meta.url).pathname;
const PUBLISHING = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write the post.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];

let directory: string;
let model: FakeModel;
let app: TestApp;
let task: GivenTask;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'ags-anchors-'));
  model = await startFakeModel();
  model.setPlan(PUBLISHING);
  app = await startTestApp({
    env: { OPENAI_BASE_URL: model.baseUrl, AGS_ANCHOR_URL: pathToFileURL(join(directory, 'kept')).href },
    // Made when the story says so: the group takes only so many messages a minute.
    anchorTimes: { intervalSeconds: 3_600, lookEveryMs: 50 },
  });
  model.script('draft', { kind: 'value', value: { text: 'Gold <b>rose</b> 2 %.' } });
  task = await giveTask(app, adam.id, 'Publish the news <script>alert(1)</script>');
  const card = await waitForCard(app, task);
  await pressCard(app, bella.id, card, 'Approve');
  await waitForDone(app, task);
});
afterAll(async () => {
  await app?.close();
  await model?.close();
  await rm(directory, { recursive: true, force: true });
});

/** Anchors what is new, waits until it is kept everywhere, and answers with the newest anchor's message. */
async function anchorNow(): Promise<Message> {
  await makeAnchor(app.rpc('ags_worker'), 0);
  await until(async () => {
    const [row] = await app.sql(
      'select (select count(*) from public.anchor_places) = 2 * (select count(*) from public.anchors) as is_kept',
    );
    return row?.is_kept === true;
  });
  const newest = app.telegram
    .history(ADMIN)
    .findLast((message) => message.from?.is_bot === true && textOf(message).includes('🔗 Audit anchor'));
  if (newest === undefined) throw new Error('no anchor was told');
  return newest;
}

function runVerifier(...args: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), output: stdout + stderr }),
    );
  });
}

async function exportEvidence(): Promise<{ bundle: string; page: string }> {
  const first = await ask(app, rita.id, `/audit ${task.taskId} export`);
  const asked = { chat: first.chat, message_id: first.reply_to_message?.message_id ?? 0 };
  const [jsonl, html] = await until(() => {
    const replies = listReplies(app, asked);
    return replies.length === 2 && replies;
  });
  const read = (message: Message | undefined) => new TextDecoder().decode(app.telegram.fileBytes(message?.document?.file_id ?? ''));
  expect(textOf(jsonl)).toContain('audit records, covered by anchor');
  return { bundle: read(jsonl), page: read(html) };
}

test('anchors come to the admin group without a sound and stand as files outside, and the log proves itself against both', async () => {
  const told = await anchorNow();
  const kept = await readdir(join(directory, 'kept'));
  const [row] = await app.sql('select count(*)::int as n from public.anchors');
  expect(kept).toHaveLength(Number(row?.n));
  const answer = textOf(await ask(app, rita.id, '/audit verify', { chatId: ADMIN, replyTo: told.message_id }));
  expect(answer).toContain('The audit log is intact');
  expect(answer).toMatch(/It agrees with the message you replied to: anchor \d+/);
  expect(answer).toContain('Compared with what is kept at AGS_ANCHOR_URL: anchor ');
  expect(answer).toContain('everything is anchored');
});

test('a forwarded, forged anchor is no proof', async () => {
  const forged = app.telegram.say(adam.id, ADMIN, textOf(await anchorNow()).replace(/hash: ./, 'hash: 0'));
  const answer = textOf(await ask(app, rita.id, '/audit verify', { chatId: ADMIN, replyTo: forged.message_id }));
  expect(answer).toContain('I did not write it so');
});

test('reviewers and owners may ask, operators may not, and what does not exist is said to not exist', async () => {
  expect(textOf(await ask(app, adam.id, '/audit verify'))).not.toContain('intact');
  expect(textOf(await ask(app, olivia.id, '/audit'))).toContain('/audit verify');
  for (const word of ['quarterly', 'monthly', 'memory'])
    expect(textOf(await ask(app, rita.id, `/audit ${word}`))).toContain('does not exist yet');
  expect(textOf(await ask(app, rita.id, '/audit T-2020-01-01-0001'))).toContain('There is no task');
  expect(textOf(await ask(app, rita.id, `/audit ${task.taskId} soon`))).toContain('page’s number');
});

test('the trail says who, when, what and by which rule, page by page', async () => {
  const first = readAnswer(app, await ask(app, rita.id, `/audit ${task.taskId}`));
  expect(first).toContain(`Audit trail of ${task.taskId}`);
  expect(first).toContain('Adam asked for it');
  expect(first).toContain('Bella approved');
  expect(first).toContain(`Next: /audit ${task.taskId} 2`);
  const second = readAnswer(app, await ask(app, rita.id, `/audit ${task.taskId} 2`));
  expect(second).toContain('the rules ended it: done');
  expect(second).toContain('operator_approval');
});

test('a link to the published post leads to the task behind it', async () => {
  const [row] = await app.sql(
    `select message_id from public.effect_attempts a join public.effects e using (effect_id) where e.task_id = $1 and a.status = 'done'`,
    [task.taskId],
  );
  const link = `https://t.me/c/${String(SIGNALS).slice(4)}/${row?.message_id}`;
  expect(readAnswer(app, await ask(app, rita.id, `/why ${link}`))).toContain(`Why ${task.taskId}`);
  expect(textOf(await ask(app, rita.id, `/why ${link}9`))).toContain('No task of mine');
});

test('the evidence of a task proves itself without the program, and shows nothing that a page would run', async () => {
  await anchorNow();
  const { bundle, page } = await exportEvidence();
  expect(verifyBundle(bundle)).toMatchObject({ taskId: task.taskId, problems: [], unanchoredCount: 0 });
  const lines = bundle
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const ofKind = (kind: string) => lines.filter((line) => line.kind === kind);
  expect(ofKind('decision')).toMatchObject([{ approver: `tg:${bella.id}`, decision: 'approve' }]);
  // Every answer of a model names the prompt it was asked with, in the row and in the chain.
  for (const type of ['plan', 'draft', 'critique']) {
    const [artifact] = ofKind('artifact').filter((line) => line.type === type);
    expect(artifact?.prompt_checksum, type).toMatch(/^[0-9a-f]{64}$/);
    expect(
      ofKind('audit').some(({ after_text }) => String(after_text).includes(artifact.prompt_checksum)),
      type,
    ).toBe(true);
  }
  expect(ofKind('artifact').find(({ type }) => type === 'input')).toMatchObject({ content: null });
  expect(ofKind('artifact').find(({ type }) => type === 'post')?.content).toContain('Gold');
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page).not.toContain('<script');
  expect(page).toContain('default-src &#39;none&#39;');
});

test('npm run audit:verify agrees with the kept anchors, and names the first record that was changed', async () => {
  await anchorNow();
  const { bundle } = await exportEvidence();
  const path = join(directory, 'export.jsonl');
  await writeFile(path, bundle);
  const kept = (await readdir(join(directory, 'kept'))).map((name) => join(directory, 'kept', name));
  const good = await runVerifier(path, ...kept);
  expect(good).toMatchObject({ code: 0, output: expect.stringContaining(', as it was kept') });
  expect(good.output).not.toContain('compare these hashes');
  expect(good.output).toContain('NOTE not proved by the chain: events');
  await writeFile(path, bundle.replace('"action":"approval.approve","object"', '"action":"approval.reject","object"'));
  const bad = await runVerifier(path);
  expect(bad.code).toBe(1);
  expect(bad.output.split('\n')[0]).toMatch(/^BAD {2}record \d+ of T-.*: is not what was written$/);
  expect((await runVerifier(join(directory, 'nothing'))).code).toBe(2);
  expect((await runVerifier()).code).toBe(2);
});

test('a record that the owner of the database changed is named by chain and number, and a reply says that it does not agree', async () => {
  const told = await anchorNow();
  await app.sql('alter table public.audit_logs disable trigger user');
  await app.sql(`update public.audit_logs set actor = 'tg:999' where chain = $1 and seq = 3`, [task.taskId]);
  const answer = textOf(await ask(app, rita.id, '/audit verify'));
  expect(answer).toContain('is not what was written');
  expect(answer).toContain(`record 3 of ${task.taskId} was changed after it was written`);
  await app.sql('alter table public.anchors disable trigger user');
  await app.sql(`update public.anchors set hash = encode(sha256(convert_to(hash, 'UTF8')), 'hex')`);
  const replied = textOf(await ask(app, rita.id, '/audit verify', { chatId: ADMIN, replyTo: told.message_id }));
  expect(replied).toContain('It does not agree with the message you replied to');
});
