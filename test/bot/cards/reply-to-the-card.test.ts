import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Message } from '../../../src/sandbox/wire.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import type { RequestView } from '../../../src/store/approvals.ts';
import { releaseStep } from '../../../src/store/steps.ts';
import { approve, loadTask, runUntilKind, snapshot, toHeld } from '../../support/stories.ts';
import { type CardStage, openCardStage } from './support.ts';

const { olivia, oscar, adam, bella } = PERSONAS;
const GROUP = CHATS.admin.id;
let stage: CardStage;
let request: RequestView;
let messageId: number;

beforeAll(async () => {
  stage = await openCardStage();
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(async () => {
  request = await stage.ask();
  ({ messageId } = stage.cardIn(GROUP));
});

const textNow = () => stage.telegram.message(GROUP, messageId)?.text ?? '';
const isSaying = (words: string) => stage.telegram.waitFor(() => textNow().includes(words), { what: `the card to say ${words}` });
const answerTo = (message: { message_id: number }, fits: RegExp) =>
  stage.telegram.waitForMessage(
    GROUP,
    (candidate) => candidate.reply_to_message?.message_id === message.message_id && fits.test(candidate.text ?? ''),
  );

async function askedBy(personaId: number, label: 'Reject' | 'Edit') {
  const seen = stage.telegram.lastMessage(GROUP)?.message_id ?? 0;
  await stage.telegram.press(personaId, GROUP, messageId, label);
  const prompt = await stage.telegram.waitForMessage(
    GROUP,
    (message) => message.message_id > seen && /eply to this message/.test(message.text ?? ''),
  );
  await stage.telegram.waitFor(() => stage.telegram.replyInterface(personaId, GROUP)?.messageId === prompt.message_id);
  await isRecorded(prompt.message_id);
  return prompt;
}

/** The question is noted in the database right after it was sent. */
async function isRecorded(promptMessageId: number): Promise<void> {
  await expect
    .poll(async () => (await stage.db.sql('select 1 from public.prompts where message_id = $1', [promptMessageId])).length)
    .toBe(1);
}

describe('Reject', () => {
  it('asks the one who pressed, by name, and decides nothing until the reason comes', async () => {
    const prompt = await askedBy(bella.id, 'Reject');
    expect(prompt.reply_to_message?.message_id).toBe(messageId);
    expect(prompt.entities).toContainEqual(
      expect.objectContaining({ type: 'text_mention', user: expect.objectContaining({ id: bella.id }) }),
    );
    expect(stage.telegram.replyInterface(adam.id, GROUP)?.messageId).not.toBe(prompt.message_id);
    expect((await loadTask(stage.db, request.taskId)).status).toBe('awaiting_approval');
    const reply = stage.telegram.say(bella.id, GROUP, 'The price is from Thursday', { replyTo: prompt.message_id });
    await answerTo(reply, /^Rejected/);
    await isSaying('The price is from Thursday');
    expect(textNow()).toMatch(/Rejected[\s\S]*Bella \(operator\)/);
    expect((await loadTask(stage.db, request.taskId)).status).toBe('rejected');
    const before = await snapshot(stage.db, request.taskId);
    const again = stage.telegram.say(bella.id, GROUP, 'and another thing', { replyTo: prompt.message_id });
    await answerTo(again, /This question is closed: it was answered/);
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
  });

  it('takes no reason but the asked person’s own: not somebody else’s, a forward, an anonymous admin’s or an empty one', async () => {
    const prompt = await askedBy(oscar.id, 'Reject');
    const before = await snapshot(stage.db, request.taskId);
    stage.telegram.say(bella.id, GROUP, 'I say no', { replyTo: prompt.message_id });
    const anonymous = stage.telegram.say(oscar.id, GROUP, 'we say no', { replyTo: prompt.message_id, asAnonymousAdmin: true });
    await answerTo(anonymous, /Nothing was decided/);
    const viaBot = stage.telegram.say(oscar.id, GROUP, 'a bot says no', { replyTo: prompt.message_id, viaBot: 'other_bot' });
    await answerTo(viaBot, /Nothing was decided/);
    const command = stage.telegram.say(oscar.id, GROUP, '/status', { replyTo: prompt.message_id });
    const photo = stage.telegram.say(oscar.id, GROUP, '', {
      replyTo: prompt.message_id,
      document: { fileName: 'no.pdf', bytes: Buffer.from('no') },
    });
    const second = await answerTo(photo, /needs a reason in words/);
    await isRecorded(second.message_id);
    const long = stage.telegram.say(oscar.id, GROUP, 'x'.repeat(2001), { replyTo: second.message_id });
    const third = await answerTo(long, /at most 2000 characters; yours has 2001/);
    await isRecorded(third.message_id);
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
    expect(stage.telegram.history(GROUP).some(({ reply_to_message }) => reply_to_message?.message_id === command.message_id)).toBe(false);
    const back = stage.telegram.say(oscar.id, GROUP, '/cancel', { replyTo: third.message_id });
    await answerTo(back, /nothing was decided/);
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
  });

  it('says so when the question is too old', async () => {
    const prompt = await askedBy(bella.id, 'Reject');
    await stage.db.sql(`update public.prompts set expires_at = now() - interval '1 second' where message_id = $1`, [prompt.message_id]);
    const late = stage.telegram.say(bella.id, GROUP, 'too old', { replyTo: prompt.message_id });
    await answerTo(late, /more than an hour old/);
    expect((await loadTask(stage.db, request.taskId)).status).toBe('awaiting_approval');
  });
});

describe('a reply from before an outage', () => {
  const MINUTE_S = 60;
  const replyAgedS = (promptMessage: Message, messageId: number, ageS: number) =>
    stage.telegram.injectUpdate({
      message: {
        message_id: messageId,
        date: Math.floor(Date.now() / 1000) - ageS,
        chat: promptMessage.chat,
        from: { id: bella.id, is_bot: false, first_name: 'Bella' },
        text: 'The price was from Thursday',
        reply_to_message: promptMessage,
      },
    } as never);

  it.each(['Reject', 'Edit'] as const)('to %s decides nothing; the question stands, and a repeated reply counts', async (label) => {
    const prompt = await askedBy(bella.id, label);
    const before = await snapshot(stage.db, request.taskId);
    replyAgedS(prompt, 9_001, 16 * MINUTE_S);
    const isLate = (message: { message_id: number; text?: string }) =>
      message.message_id > prompt.message_id &&
      /reached me late: it is older than 15 minutes[\s\S]*Nothing was decided/.test(message.text ?? '');
    await stage.telegram.waitForMessage(GROUP, isLate);
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
    const repeated = stage.telegram.say(bella.id, GROUP, 'The price was from Thursday', { replyTo: prompt.message_id });
    await answerTo(repeated, /^(Rejected|Taken)/);
  });
});

describe('Edit', () => {
  it('voids what was decided, shows what changed, and comes back as a new version on the same card', async () => {
    const prompt = await askedBy(olivia.id, 'Edit');
    const text = 'The text of act, rewritten with *stars* and a link';
    const offset = text.indexOf('a link');
    const reply = stage.telegram.say(olivia.id, GROUP, text, {
      replyTo: prompt.message_id,
      entities: [{ type: 'text_link', offset, length: 6, url: 'https://example.com/' }],
    });
    await answerTo(reply, /^Taken\. Every decision on/);
    await isSaying('Edited, the critic reads it again');
    expect(textNow()).toContain('Olivia changed the text');
    const struck = stage.telegram
      .message(GROUP, messageId)
      ?.entities?.filter(({ type }) => type === 'strikethrough')
      .map(({ offset: at, length }) => textNow().slice(at, at + length));
    expect(struck?.join(' ')).toContain('take');
    expect(stage.telegram.message(GROUP, messageId)?.reply_markup).toBeUndefined();
    const critic = await runUntilKind(stage.db, request.taskId, 'critic');
    expect(critic.inputs.find(({ nodeId }) => nodeId === 'act')?.content).toBe(
      'The text of act, rewritten with \\*stars\\* and [a link](<https://example.com/>)',
    );
    await releaseStep(stage.db.rpc('ags_worker'), toHeld(critic), 0);
    const { token } = await oldToken();
    const next = await stage.askNext(request.taskId);
    expect(stage.cardIn(GROUP).messageId).toBe(messageId);
    expect(textNow()).toContain(`Replaces ${request.reference} (edited): earlier decisions are void.`);
    expect(textNow()).toContain(next.reference);
    expect(textNow()).toContain('1 message below');
    await stage.telegram.waitForMessage(
      GROUP,
      (message) =>
        message.reply_to_message?.message_id === messageId &&
        (message.text ?? '').includes(`${next.reference} replaces ${request.reference}`),
    );
    const stale = await stage.telegram.pressRaw(bella.id, GROUP, messageId, `a:${token}:y`).answered;
    expect(stale.text).toContain(`${request.reference} was replaced by ${next.reference}`);
    expect((await approve(stage.db, request.reference, bella.id)).code).toBe('replaced');
    expect((await stage.telegram.press(bella.id, GROUP, messageId, 'Approve')).text).toContain('Approved');
  });

  it('takes a text file as Markdown, and asks again for what cannot be sent, before anything is void', async () => {
    const prompt = await askedBy(bella.id, 'Edit');
    const before = await snapshot(stage.db, request.taskId);
    const send = (replyTo: number, fileName: string, bytes: Uint8Array) =>
      stage.telegram.say(bella.id, GROUP, '', { replyTo, document: { fileName, bytes } });
    let asked = prompt;
    for (const [fileName, bytes, problem] of [
      ['new.exe', Buffer.from('text'), /Only \.txt and \.md/],
      ['new.txt', Buffer.from([0xff, 0xfe, 0x00, 0xd8]), /not UTF-8|not a text file/],
      ['new.md', Buffer.alloc(64 * 1024 + 1, 'a'), /larger than 64 KiB/],
      ['blank.md', Buffer.from('\u200b\n'), /no visible text/],
    ] as const) {
      const reply = send(asked.message_id, fileName, bytes);
      asked = await answerTo(reply, problem);
      await isRecorded(asked.message_id);
    }
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
    const taken = send(asked.message_id, 'new.md', Buffer.from('# A heading\n\nand **bold** words'));
    await answerTo(taken, /^Taken/);
    const critic = await runUntilKind(stage.db, request.taskId, 'critic');
    expect(critic.inputs.find(({ nodeId }) => nodeId === 'act')?.content).toBe('# A heading\n\nand **bold** words');
  });
});

async function oldToken(): Promise<{ token: string }> {
  const [row] = await stage.db.sql('select token from public.buttons where request_id = $1', [request.requestId]);
  return { token: String(row?.token) };
}
