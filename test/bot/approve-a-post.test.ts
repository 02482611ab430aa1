import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Message } from '../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { startTestApp, type TestApp } from '../support/app.ts';
import { type FakeModel, startFakeModel } from '../support/fake-model.ts';
import {
  ask,
  type GivenTask,
  giveTask,
  pressCard,
  readAnswer,
  replyThroughCard,
  type ShownCard,
  textOf,
  waitForCard,
  waitForDone,
  waitForTaskText,
} from '../support/telling.ts';

const { adam, bella, olivia } = PERSONAS;
const ADMIN = CHATS.admin.id;
const SIGNALS = CHATS.signals.id;
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');
const PUBLISHING = [
  { id: 'act', agent: 'exec', action: 'DRAFT_REPLY', after: [], instruction: 'Write the post.' },
  { id: 'publish', agent: 'communicator', action: 'PUBLISH', after: ['act'], instruction: 'Publish it.' },
];

let model: FakeModel;
let app: TestApp;
beforeAll(async () => {
  model = await startFakeModel();
  model.setPlan(PUBLISHING);
  app = await startTestApp({ env: { OPENAI_BASE_URL: model.baseUrl } });
});
afterAll(async () => {
  await app?.close();
  await model?.close();
});

/** A task whose draft is this text, up to its card. */
async function stage(
  text: string,
  options: Parameters<typeof giveTask>[3] = {},
): Promise<{ task: GivenTask; card: ShownCard; staged: Message[] }> {
  model.script('draft', { kind: 'value', value: { text } });
  const task = await giveTask(app, adam.id, 'Publish the news of example.org', options);
  const card = await waitForCard(app, task);
  return { task, card, staged: await listStaged(task) };
}

async function listStaged({ taskId }: GivenTask): Promise<Message[]> {
  const rows = await app.sql(
    `select p.message_id::int as id from public.staged_parts p join public.approval_requests r using (request_id)
     where r.task_id = $1 and r.version = (select max(version) from public.approval_requests where task_id = $1) order by part`,
    [taskId],
  );
  return rows.flatMap(({ id }) => app.telegram.message(ADMIN, Number(id)) ?? []);
}

const listPosts = (after = 0): Message[] => app.telegram.history(SIGNALS).filter(({ message_id: id }) => id > after);
const lastPostId = (): number => app.telegram.lastMessage(SIGNALS)?.message_id ?? 0;
const toContent = ({ text, entities, caption, caption_entities: captionEntities, photo }: Message) => ({
  text,
  entities,
  caption,
  captionEntities,
  photo: photo?.map(({ file_unique_id: id }) => id),
});

describe('a post', () => {
  test('is staged in the admin group, shown with everything, and published as it stands there', async () => {
    const before = lastPostId();
    const { task, card, staged } = await stage('**Gold** rose. See [the note](https://example.org/note) and `XAU`.');
    expect(card.text).toContain('Approve? PUBLISH to AGS Signals');
    expect(card.text).toContain(`T2 · task ${task.taskId}`);
    expect(card.text).toContain('Adam asked: “Publish the news of example.org”');
    expect(card.text).toContain('Gold rose.');
    expect(card.text).toMatch(/1 message above, exactly as it will be sent/);
    expect(card.text).toContain('Critic 9/9');
    expect(card.text).toMatch(/policy 1\/1 · evidence 2\/2 · facts 3\/3 · clarity 2\/2 · risk 1\/1 clean/);
    expect(card.text).toMatch(/operator waiting/);
    expect(card.text).toMatch(/Expires .+/);
    const [row] = await app.sql('select artifact_checksum as checksum from public.approval_requests where task_id = $1', [task.taskId]);
    expect(card.text).toContain(`Checksum ${String(row?.checksum).slice(0, 8)}`);
    expect(card.labels).toEqual(['✅ Approve', '❌ Reject', '✏️ Edit', '🔎 Details']);
    expect(await waitForTaskText(app, task, '⏸ waits for approval')).toContain(card.reference);
    expect(listPosts(before)).toEqual([]);

    expect(await pressCard(app, bella.id, card, 'Approve')).toBe('Counted as operator. Approved: it goes out now.');
    await waitForDone(app, task);
    const posts = listPosts(before);
    expect(posts.map(toContent)).toEqual(staged.map(toContent));
    expect(posts[0]?.entities?.map(({ type }) => type).toSorted()).toEqual(['bold', 'code', 'text_link']);
    const copies = app.telegram.calls('copyMessage').filter(({ params }) => params.chat_id === SIGNALS);
    expect(copies.map(({ params }) => [params.from_chat_id, params.message_id])).toEqual([[ADMIN, staged[0]?.message_id]]);
    expect(app.telegram.calls().filter(({ method, params }) => method.startsWith('send') && params.chat_id === SIGNALS)).toEqual([]);
    const done = await waitForCard(app, task, { says: /Done: PUBLISH/ });
    expect(done.text).toMatch(/Published .*1 message\./);
    expect(done.text).toMatch(/operator ✓ Bella/);
    expect(done.labels).toEqual([]);
    const types = await app.sql(
      "select type from public.events where task_id = $1 and type in ('NEED_APPROVAL', 'PUBLISH_OK') order by ts",
      [task.taskId],
    );
    expect(types.map(({ type }) => type)).toEqual(['NEED_APPROVAL', 'PUBLISH_OK']);
  });

  test('of more than 4096 characters is staged in parts, and the card comes after the last one', async () => {
    const before = lastPostId();
    const paragraph = 'A line about the market that **matters** to everybody who reads the channel today.';
    const { task, card, staged } = await stage(Array.from({ length: 90 }, (_, index) => `${index + 1}. ${paragraph}`).join('\n\n'));
    expect(staged.length).toBeGreaterThan(1);
    expect(Math.max(...staged.map(({ message_id: id }) => id))).toBeLessThan(card.messageId);
    expect(card.text).toContain(`${staged.length} messages above`);
    await pressCard(app, bella.id, card, 'Approve');
    await waitForDone(app, task);
    expect(listPosts(before).map(toContent)).toEqual(staged.map(toContent));
  });

  test('with a picture is published with it', async () => {
    const before = lastPostId();
    const { task, card, staged } = await stage('Look at **this**.', { photo: { fileName: 'a.png', bytes: PIXEL } });
    expect(staged[0]?.photo).toBeDefined();
    await pressCard(app, bella.id, card, 'Approve');
    await waitForDone(app, task);
    const posts = listPosts(before);
    expect(posts.map(toContent)).toEqual(staged.map(toContent));
    expect(posts[0]?.caption).toBe('Look at this.');
    expect(Buffer.from(app.telegram.fileBytes(posts[0]?.photo?.at(-1)?.file_id ?? ''))).toEqual(PIXEL);
  });

  test('waits through a restart: the card still counts, and the lists name what is missing', async () => {
    const { task, card } = await stage('Patience.');
    // At the very moment at which the card arrives: it must be known to the next process, not sent a second time.
    await app.restart();
    expect(textOf(await ask(app, adam.id, '/tasks awaiting_approval'))).toContain(
      `${task.taskId} ⏸ waits for approval · ${card.reference}`,
    );
    const status = textOf(await ask(app, adam.id, `/status ${task.taskId}`));
    expect(status).toMatch(/✓ critic 1\.00, 0\.8 needed/);
    expect(status).toMatch(/○ operator: waiting/);
    expect(status).toContain(`⏸ ${card.reference}: waits for operator`);
    await pressCard(app, bella.id, card, 'Approve');
    await waitForDone(app, task);
    expect(textOf(app.telegram.lastMessage(SIGNALS))).toBe('Patience.');
    expect(app.telegram.history(ADMIN).filter((message) => textOf(message).includes(`task ${task.taskId}`))).toHaveLength(1);
  });

  test('with a picture keeps it when the text is edited', async () => {
    const { task, card } = await stage('The old caption.', { photo: { fileName: 'a.png', bytes: PIXEL } });
    await replyThroughCard(app, bella.id, card, { label: 'Edit', text: 'The new caption.' });
    const edited = await waitForCard(app, task, { after: card.reference });
    await pressCard(app, bella.id, edited, 'Approve');
    await waitForDone(app, task);
    const post = app.telegram.lastMessage(SIGNALS);
    expect(post?.caption).toBe('The new caption.');
    expect(post?.photo).toBeDefined();
  });

  test('may be approved by the operator who asked for it, in the private chat', async () => {
    const { task } = await stage('The requester agrees.');
    const card = await waitForCard(app, task, { chatId: adam.id });
    expect(card.text).toMatch(/1 message above/);
    await pressCard(app, adam.id, card, 'Approve');
    await waitForDone(app, task);
    expect(textOf(app.telegram.lastMessage(SIGNALS))).toBe('The requester agrees.');
  });
});

describe('/approve', () => {
  test('yes, in lower case, approves', async () => {
    const { task, card } = await stage('Approved by command.');
    const answer = await ask(app, bella.id, `/approve ${card.reference.toLowerCase()} yes`);
    expect(textOf(answer)).toContain(`${card.reference} approved (you as operator)`);
    await waitForDone(app, task);
    expect(textOf(app.telegram.lastMessage(SIGNALS))).toBe('Approved by command.');
    expect(textOf(await ask(app, bella.id, `/approve ${card.reference} yes`))).toMatch(/already approved|already ended/);
    expect(textOf(await ask(app, bella.id, `/approve ${card.reference} no too late`))).toMatch(/[Tt]oo late.*granted at/);
  });

  test('no wants a reason, and with one rejects', async () => {
    const before = lastPostId();
    const { task, card } = await stage('Never to be seen.');
    expect(textOf(await ask(app, bella.id, `/approve ${card.reference} no`))).toContain(
      'A rejection needs a reason, so nothing was decided',
    );
    await waitForCard(app, task);
    const answer = await ask(app, olivia.id, `/approve ${card.reference} no the price is missing, ask bob.ray@example.org`);
    expect(textOf(answer)).toContain('rejected');
    expect(await waitForTaskText(app, task, '🚫 rejected')).toContain('the price is missing');
    const shown = await waitForCard(app, task, { says: 'Rejected' });
    expect(shown.text).toContain('Olivia (owner)');
    expect(shown.labels).toEqual([]);
    expect(listPosts(before)).toEqual([]);
    const rows = await app.sql(
      `select (select jsonb_agg(t) from public.tasks t)::text || (select jsonb_agg(a) from public.approvals a)::text || (select jsonb_agg(l) from public.audit_logs l)::text as everything`,
    );
    expect(String(rows[0]?.everything).includes('bob.ray@example.org')).toBe(false);
  });

  test('with a wrong or malformed reference says so, and is audited', async () => {
    expect(textOf(await ask(app, bella.id, '/approve T2-ZZZZ yes'))).toContain('There is no request with this reference');
    expect(textOf(await ask(app, bella.id, '/approve banana yes'))).toContain('it is none');
    const [row] = await app.sql(
      "select count(*)::int as count from public.audit_logs where action = 'approval.refuse' and object = 'T2-ZZZZ'",
    );
    expect(row?.count).toBe(1);
  });
});

describe('the buttons', () => {
  test('Reject asks for a reason, and the reply is it', async () => {
    const { task, card } = await stage('To be rejected by button.');
    const answer = await replyThroughCard(app, bella.id, card, { label: 'Reject', text: 'not our tone' });
    expect(textOf(answer)).toContain(`Rejected ${card.reference}`);
    expect((await waitForCard(app, task, { says: 'Rejected' })).text).toContain('not our tone');
    expect(await waitForTaskText(app, task, '🚫 rejected')).toContain('not our tone');
    const why = readAnswer(app, await ask(app, adam.id, `/why ${task.taskId}`));
    expect(why).toMatch(/Bella rejected T2-.*“not our tone”/);
  });

  test('Reject whose reason comes after the post went out is answered "too late"', async () => {
    const { task, card } = await stage('Out before the reason.');
    await pressCard(app, olivia.id, card, 'Reject');
    const question = await app.telegram.waitForMessage(ADMIN, (message) => textOf(message).includes(`why do you reject ${card.reference}`));
    await pressCard(app, bella.id, card, 'Approve');
    await waitForDone(app, task);
    const answer = await ask(app, olivia.id, 'the price is missing', { chatId: ADMIN, replyTo: question.message_id });
    expect(textOf(answer)).toMatch(/Too late: .* granted at/);
    expect(await waitForDone(app, task)).toContain('📬 post sent');
  });

  test('Details gives the whole of it as a file', async () => {
    const { card } = await stage('Everything about this.');
    expect(await pressCard(app, bella.id, card, 'Details')).toBe('The details follow as a file.');
    const file = await app.telegram.waitForMessage(ADMIN, ({ document }) => document?.file_name === `${card.reference}.txt`);
    const text = readAnswer(app, file);
    expect(text).toContain('Everything about this.');
    expect(text).toContain('operator: waiting');
    expect(text).toMatch(/9 of 9 points/);
  });
});
