import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import {
  ask,
  type GivenTask,
  giveTask,
  pressCard,
  replyThroughCard,
  type ShownCard,
  textOf,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../support/telling.ts';

const { adam, bella, olivia, oscar } = PERSONAS;
const SIGNALS = CHATS.signals.id;
const PUBLISHING = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write the post.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];

let model: FakeModel;
let app: TestApp;
beforeAll(async () => {
  model = await startFakeModel();
  model.setPlan(PUBLISHING);
  // Two slots, so that there is an approval to be void.
  const policy = (await readFile('policies/default.yaml', 'utf8')).replace(
    'T2: ["critic>=0.8", "operator_approval"]',
    'T2: ["critic>=0.8", "operator_approval", "owner_approval"]',
  );
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl }, policy });
});
afterAll(async () => {
  await app?.close();
  await model?.close();
});

async function stage(text: string): Promise<{ task: GivenTask; card: ShownCard }> {
  model.script('draft', { kind: 'value', value: { text } });
  const task = await giveTask(app, adam.id, 'Publish the news: gold rose 2 %');
  return { task, card: await waitForCard(app, task) };
}

describe('Edit', () => {
  test('makes decisions void, asks the critic again, and shows what changed on the same card', async () => {
    const { task, card } = await stage('Gold rose 2 % on Monday.');
    expect(await pressCard(app, bella.id, card, 'Approve')).toContain('Still waiting: owner');
    const critiques = model.count('critique');
    const entities = [{ type: 'bold', offset: 0, length: 4 }];
    const answer = await replyThroughCard(app, olivia.id, card, { label: 'Edit', text: 'Gold rose 3 % on Monday.', entities });
    expect(textOf(answer)).toContain(`Every decision on ${card.reference} is void`);

    const edited = await waitForCard(app, task, { after: card.reference });
    expect(edited.messageId).toBe(card.messageId);
    expect(edited.text).toContain(`Replaces ${card.reference} (edited): earlier decisions are void.`);
    expect(edited.text).toMatch(/Gold rose 2.?3 % on Monday/u); // 2 struck through, 3 underlined
    expect(edited.text).toMatch(/operator waiting · owner waiting|owner waiting · operator waiting/);
    expect(edited.text).toContain('written by a person');
    const checksum = (text: string) => /Checksum ([0-9a-f]{8})/.exec(text)?.[1];
    expect(checksum(edited.text)).not.toBe(checksum(card.text));
    expect(model.count('critique')).toBe(critiques + 1);

    expect(textOf(await ask(app, bella.id, `/approve ${card.reference} yes`))).toMatch(
      new RegExp(`^${card.reference} was replaced by ${edited.reference}\\. `),
    );
    await pressCard(app, bella.id, edited, 'Approve');
    await pressCard(app, oscar.id, edited, 'Approve');
    await waitForDone(app, task);
    const post = app.telegram.lastMessage(SIGNALS);
    expect(textOf(post)).toBe('Gold rose 3 % on Monday.');
    expect(post?.entities).toEqual(entities);
  });

  test('takes a text file as Markdown', async () => {
    const { task, card } = await stage('The old words.');
    const document = { fileName: 'new.txt', mimeType: 'text/plain', bytes: Buffer.from('The **new** words.') };
    await replyThroughCard(app, bella.id, card, { label: 'Edit', text: '', document });
    const edited = await waitForCard(app, task, { after: card.reference });
    expect(edited.text).toContain('The new words.');
    await pressCard(app, bella.id, edited, 'Approve');
    await pressCard(app, olivia.id, edited, 'Approve');
    await waitForDone(app, task);
    expect(app.telegram.lastMessage(SIGNALS)).toMatchObject({ text: 'The new words.', entities: [{ type: 'bold', offset: 4, length: 3 }] });
  });

  test('leaves the button of the old version without power', async () => {
    const { task, card } = await stage('First version.');
    const old = app.telegram.message(card.chatId, card.messageId)?.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '';
    await replyThroughCard(app, bella.id, card, { label: 'Edit', text: 'Second version.' });
    const edited = await waitForCard(app, task, { after: card.reference });
    const { answered } = app.telegram.pressRaw(bella.id, card.chatId, card.messageId, old);
    expect((await answered).text).toContain(`${card.reference} was replaced by ${edited.reference}`);
    expect((await waitForCard(app, task)).text).toMatch(/operator waiting/);
  });

  test('of two people: the later text is for a version that is no more', async () => {
    const { task, card } = await stage('Two pens.');
    await pressCard(app, olivia.id, card, 'Edit');
    const question = await app.telegram.waitForMessage(card.chatId, (message) => textOf(message).includes(`new text of ${card.reference}`));
    await replyThroughCard(app, bella.id, card, { label: 'Edit', text: 'By Bella.' });
    const edited = await waitForCard(app, task, { after: card.reference });
    const answer = await ask(app, olivia.id, 'By Olivia.', { chatId: card.chatId, replyTo: question.message_id });
    expect(textOf(answer)).toContain(`${card.reference} was replaced by ${edited.reference}`);
    expect((await waitForCard(app, task)).text).toContain('By Bella.');
  });

  test('is asked for again when the answer is no text, and nothing is void meanwhile', async () => {
    const { task, card } = await stage('Stays as it is.');
    await pressCard(app, bella.id, card, 'Approve');
    const document = { fileName: 'new.pdf', mimeType: 'application/pdf', bytes: Buffer.from('%PDF') };
    const answer = await replyThroughCard(app, bella.id, card, { label: 'Edit', text: '', document });
    expect(textOf(answer)).toContain('Only .txt and .md files are read.');
    expect((await waitForCard(app, task)).text).toMatch(/operator ✓ Bella/);
    const again = await ask(app, bella.id, 'Changed after all.', { chatId: card.chatId, replyTo: answer.message_id });
    expect(textOf(again)).toContain('is void');
    expect((await waitForCard(app, task, { after: card.reference })).text).toContain('Changed after all.');
  });

  test('may be answered under the first question, also when it was asked again', async () => {
    const { task, card } = await stage('The first words.');
    await pressCard(app, bella.id, card, 'Edit');
    const question = await app.telegram.waitForMessage(card.chatId, (message) => textOf(message).includes(`new text of ${card.reference}`));
    const under = { chatId: card.chatId, replyTo: question.message_id };
    const document = { fileName: 'new.pdf', mimeType: 'application/pdf', bytes: Buffer.from('%PDF') };
    expect(textOf(await ask(app, bella.id, '', { ...under, document }))).toContain('Only .txt and .md files are read.');
    const mended = { fileName: 'new.md', mimeType: 'text/markdown', bytes: Buffer.from('The second words.') };
    expect(textOf(await ask(app, bella.id, '', { ...under, document: mended }))).toContain('is void');
    expect((await waitForCard(app, task, { after: card.reference })).text).toContain('The second words.');
    expect(textOf(await ask(app, bella.id, 'The third words.', under))).toContain('This question is closed');
  });

  test('of a text that personal data stands in keeps them out of the rows and in the post', async () => {
    const { task, card } = await stage('Write to us.');
    await replyThroughCard(app, bella.id, card, { label: 'Edit', text: 'Write to desk@example.org.' });
    const edited = await waitForCard(app, task, { after: card.reference });
    await pressCard(app, bella.id, edited, 'Approve');
    await pressCard(app, olivia.id, edited, 'Approve');
    await waitForDone(app, task);
    expect(textOf(app.telegram.lastMessage(SIGNALS))).toBe('Write to desk@example.org.');
    expect(model.requests.some(({ messages }) => messages.some(({ content }) => content.includes('desk@example.org')))).toBe(false);
    const rows = await app.sql(
      'select (select jsonb_agg(s) from public.task_steps s)::text || (select jsonb_agg(l) from public.audit_logs l)::text as everything',
    );
    expect(String(rows[0]?.everything).includes('desk@example.org')).toBe(false);
  });
});

describe('a staged copy that somebody deleted', () => {
  test('is staged again: the approvals are void and the card asks anew', async () => {
    const { task, card } = await stage('Staged twice.');
    const before = app.telegram.lastMessage(SIGNALS)?.message_id;
    const [row] = await app.sql(
      'select p.message_id::int as id from public.staged_parts p join public.approval_requests r using (request_id) where r.task_id = $1',
      [task.taskId],
    );
    app.telegram.remove(olivia.id, card.chatId, Number(row?.id));
    await pressCard(app, bella.id, card, 'Approve');
    await pressCard(app, olivia.id, card, 'Approve');
    const again = await waitForCard(app, task, { after: card.reference });
    expect(again.text).toContain('earlier decisions are void');
    expect(again.text).toMatch(/operator waiting/);
    expect(app.telegram.lastMessage(SIGNALS)?.message_id).toBe(before);
    await pressCard(app, bella.id, again, 'Approve');
    await pressCard(app, olivia.id, again, 'Approve');
    await waitForDone(app, task);
    expect(textOf(app.telegram.lastMessage(SIGNALS))).toBe('Staged twice.');
  });
});

describe('a staged part that somebody deleted while the parts before it went out', () => {
  test('is staged and approved again, and nothing goes out twice', async () => {
    const before = app.telegram.lastMessage(SIGNALS)?.message_id ?? 0;
    const { task, card } = await stage(
      Array.from({ length: 80 }, (_, index) => `${index + 1}. A line about the market that matters to its readers.`).join('\n\n'),
    );
    const staged = await app.sql(
      'select p.message_id::int as id from public.staged_parts p join public.approval_requests r using (request_id) where r.task_id = $1 order by part',
      [task.taskId],
    );
    expect(staged.length).toBe(2);
    app.telegram.remove(olivia.id, card.chatId, Number(staged[1]?.id));
    await pressCard(app, bella.id, card, 'Approve');
    await pressCard(app, olivia.id, card, 'Approve');
    const again = await waitForCard(app, task, { after: card.reference });
    expect(again.text).toContain('1 of 2 messages is already out');
    await pressCard(app, bella.id, again, 'Approve');
    await pressCard(app, olivia.id, again, 'Approve');
    expect(await waitForDone(app, task)).toMatch(/post sent \(2 of 2 messages\)/);
    const posts = app.telegram
      .history(SIGNALS)
      .filter(({ message_id: id }) => id > before)
      .map(textOf);
    expect(posts).toHaveLength(2);
    expect(posts[0]).toMatch(/^1\. A line/);
    expect(posts[1]).toMatch(/80\. A line about the market that matters to its readers\.$/);
  });
});

describe('time', () => {
  const arrange = (taskId: string, column: string) =>
    app.sql(`update public.approval_requests set ${column} = now() - interval '1 minute' where task_id = $1 and status = 'pending'`, [
      taskId,
    ]);

  test('calls for who is missing, then for everybody who could', async () => {
    const { task, card } = await stage('Nobody looks.');
    await pressCard(app, bella.id, card, 'Approve');
    await arrange(task.taskId, 'remind_at');
    const calls = (mark: string) =>
      app.telegram.waitForMessage(CHATS.admin.id, (message) => textOf(message).startsWith(`${mark} ${card.reference}`), {
        timeoutMs: 12_000,
      });
    const reminder = await calls('⏰');
    expect(textOf(reminder)).toContain('waits for owner');
    expect(textOf(reminder)).toContain('Olivia');
    expect(textOf(reminder)).not.toContain('Bella');
    await arrange(task.taskId, 'escalate_at');
    expect(textOf(await calls('🚨'))).toContain('any of you can decide');
  });

  test('ends what nobody decides: the card and the task say so', async () => {
    const { task, card } = await stage('Too late for this.');
    await arrange(task.taskId, 'expires_at');
    const shown = await waitForCard(app, task, { says: 'Expired' });
    expect(shown.text).toContain('nothing was sent');
    expect(shown.labels).toEqual(['🔁 Ask again']);
    expect(await waitForTaskText(app, task, '⌛ expired')).toContain(card.reference);
    expect(textOf(await ask(app, bella.id, `/approve ${card.reference} yes`))).toContain('expired');
  });
});
