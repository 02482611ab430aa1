import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { TaskInput } from '../../../src/domain/task-input.ts';
import { CHATS } from '../../../src/sandbox/world.ts';
import { adam, bella, openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(() => stage.start());
afterEach(() => stage.stop());

const textOf = (message: { text?: string }) => message.text ?? '';

async function newestTask() {
  const [row] = await stage.db.sql(
    `select t.task_id, t.goal, t.chat_id::float8 as chat_id, t.topic_id::float8 as topic_id, t.message_id::float8 as message_id, a.content
     from public.tasks t join public.artifacts a on a.task_id = t.task_id and a.type = 'input' order by t.created_at desc limit 1`,
  );
  return { taskId: String(row?.task_id), ...row, input: TaskInput.parse(JSON.parse(String(row?.content))) };
}

async function countTasks(): Promise<number> {
  const [row] = await stage.db.sql('select count(*)::int as count from public.tasks');
  return Number(row?.count);
}

describe('/task', () => {
  test('answers with the task’s message, masks the goal in the row, keeps the words in the input', async () => {
    const answer = await stage.ask(adam.id, adam.id, '/task Write to ann@example.org about\nthe outage');
    expect(textOf(answer)).toMatch(/^T-\d{4}-\d\d-\d\d-0001 · Write to \[email-1\] about the outage\n📝 planning/);
    await stage.settle();
    const task = await newestTask();
    expect(task).toMatchObject({ goal: 'Write to [email-1] about\nthe outage', chat_id: adam.id, message_id: answer.message_id });
    expect(task.input).toEqual({
      goal: 'Write to ann@example.org about\nthe outage',
      vault: { '[email-1]': 'ann@example.org' },
      context: [],
      attachments: [],
    });
    expect(stage.delivered).toEqual([{ job: 'step.run', id: `${task.taskId}/plan`, seq: 1, delayMs: 0 }]);
  });

  test('the same update again makes no second task and no second message', async () => {
    const before = await countTasks();
    await stage.ask(adam.id, adam.id, '/task once only');
    await stage.settle();
    await stage.db.sql(
      "update public.inbox set status = 'pending', ended_at = null where inbox_id = (select max(inbox_id) from public.inbox)",
    );
    const messages = stage.telegram.history(adam.id).length;
    await stage.settle();
    expect(await countTasks()).toBe(before + 1);
    expect(stage.telegram.history(adam.id)).toHaveLength(messages);
  });

  test.each([
    ['a goal that is a command', '/task /stop', 'That goal is itself a command'],
    ['a goal of 20,000 characters', `/task ${'long '.repeat(4000)}`, 'I take up to 4000'],
    ['an unusable file', '/task read this', 'neither. Send it as text'],
  ])('%s is refused, and nothing is created', async (name, text, words) => {
    const before = await countTasks();
    const file = name.includes('file')
      ? { document: { fileName: 'a.exe', mimeType: 'application/x-msdownload', bytes: Buffer.from('MZ') } }
      : {};
    stage.telegram.say(adam.id, adam.id, text, file);
    await stage.telegram.waitForMessage(adam.id, words);
    await stage.settle();
    expect(await countTasks()).toBe(before);
    const [row] = await stage.db.sql('select stopped_at from public.stop_switch');
    expect(row?.stopped_at).toBeNull();
  });

  test('a reply brings the message and its file along, a caption its photo', async () => {
    const notes = { document: { fileName: 'notes.md', mimeType: 'text/markdown', bytes: Buffer.from('# Notes') } };
    const said = stage.telegram.say(bella.id, CHATS.admin.id, 'the numbers of today', notes);
    await stage.ask(adam.id, CHATS.admin.id, '/task@ags_sandbox_bot Summarise', { replyTo: said.message_id });
    await stage.settle();
    const inGroup = await newestTask();
    expect(inGroup).toMatchObject({ chat_id: CHATS.admin.id });
    expect(inGroup.input.context).toEqual([{ title: 'message replied to', origin: 'outside', text: 'the numbers of today' }]);
    expect(inGroup.input.attachments).toMatchObject([{ kind: 'document', name: 'notes.md', size_bytes: 7 }]);
    const photo = {
      fileName: 'chart.png',
      bytes: Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64'),
    };
    await stage.ask(adam.id, adam.id, '/task Describe this chart', { photo });
    await stage.settle();
    expect((await newestTask()).input).toMatchObject({ goal: 'Describe this chart', attachments: [{ kind: 'photo' }] });
  });

  test('in a topic it is answered in the topic', async () => {
    const topicId = stage.telegram.makeTopic(CHATS.vip.id, 'Work');
    stage.telegram.setMember(CHATS.vip.id, adam.id, 'member');
    const answer = await stage.ask(adam.id, CHATS.vip.id, '/task in a topic', { topicId });
    expect(answer).toMatchObject({ message_thread_id: topicId });
    await stage.settle();
    expect(await newestTask()).toMatchObject({ chat_id: CHATS.vip.id, topic_id: topicId });
  });
});

describe('the question for a goal', () => {
  test('is answered by the next message, also after a restart, and keeps nothing readable meanwhile', async () => {
    const said = stage.telegram.say(bella.id, CHATS.admin.id, 'write to bob@example.org');
    const question = await stage.ask(adam.id, CHATS.admin.id, '/task', { replyTo: said.message_id });
    expect(textOf(question)).toContain('What should be done?');
    expect(stage.telegram.replyInterface(adam.id, CHATS.admin.id)?.messageId).toBe(question.message_id);
    await stage.settle();
    const [kept] = await stage.db.sql("select value::text from public.short_term where key like 'conversation:%'");
    expect(kept?.value).not.toContain('bob@example.org');
    await stage.stop();
    await stage.start();
    const before = await countTasks();
    stage.telegram.say(bella.id, CHATS.admin.id, 'not my question', { replyTo: question.message_id });
    stage.telegram.say(adam.id, CHATS.admin.id, 'just talking');
    await stage.settle();
    expect(await countTasks()).toBe(before);
    const answer = await stage.ask(adam.id, CHATS.admin.id, 'Draft a polite answer', { replyTo: question.message_id });
    expect(textOf(answer)).toContain('Draft a polite answer');
    await stage.settle();
    expect((await newestTask()).input.context).toMatchObject([{ text: 'write to bob@example.org' }]);
    expect(await stage.db.sql("select 1 from public.short_term where key like 'conversation:%'")).toEqual([]);
  });

  test('/stop and other commands work inside, /cancel leaves it', async () => {
    const before = await countTasks();
    await stage.ask(adam.id, adam.id, '/task');
    expect(textOf(await stage.ask(adam.id, adam.id, '/stop'))).toContain('STOPPED');
    expect(textOf(await stage.ask(adam.id, adam.id, '/tasks running'))).toContain('There are no tasks');
    expect(textOf(await stage.ask(adam.id, adam.id, '/cancel'))).toBe('Left it. No task was given.');
    expect(textOf(await stage.ask(adam.id, adam.id, 'too late'))).toContain('To give me a task');
    expect(await countTasks()).toBe(before);
  });
});

test('what goes wrong is told in words with a reference that is in the log, once; in a conversation too', async () => {
  await stage.db.sql('update public.policies set retired_at = now()');
  const read = (text: string) => /^That does not fit the state[^(]*\(reference ([0-9a-f]{6})\)$/.exec(text)?.[1];
  const direct = read(textOf(await stage.ask(adam.id, adam.id, '/task anything')));
  await stage.ask(adam.id, adam.id, '/task');
  const asked = read(textOf(await stage.ask(adam.id, adam.id, 'anything')));
  await stage.settle();
  for (const reference of [direct, asked]) {
    expect(stage.logged.filter((line) => reference !== undefined && line.includes(reference))).toHaveLength(1);
  }
});
