import { InputFile } from 'grammy';
import { describe, expect, it } from 'vitest';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { openStage, refusalOf } from './support.ts';

const { adam, sam, olivia, max } = PERSONAS;
const PIXEL = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64');

describe('sending', () => {
  it('takes 4096 UTF-16 units and refuses one more', async () => {
    await using stage = await openStage();
    const longest = '😀'.repeat(2048);
    expect((await stage.api.sendMessage(adam.id, longest)).text).toBe(longest);
    expect(await refusalOf(stage.api.sendMessage(adam.id, `${longest}x`))).toMatchObject({
      code: 400,
      description: 'Bad Request: message is too long',
    });
    expect(await refusalOf(stage.api.sendMessage(adam.id, ' \n\t '))).toMatchObject({ description: 'Bad Request: text must be non-empty' });
    expect(await refusalOf(stage.api.sendMessage(adam.id, ''))).toMatchObject({ description: 'Bad Request: message text is empty' });
  });

  it('counts callback data in bytes, 64 at most', async () => {
    await using stage = await openStage();
    const send = (callback_data: string) =>
      stage.api.sendMessage(adam.id, 'x', { reply_markup: { inline_keyboard: [[{ text: 'b', callback_data }]] } });
    await expect(send('é'.repeat(32))).resolves.toMatchObject({ reply_markup: { inline_keyboard: [[{ callback_data: 'é'.repeat(32) }]] } });
    expect(await refusalOf(send(`${'é'.repeat(32)}x`))).toMatchObject({ description: 'Bad Request: BUTTON_DATA_INVALID' });
  });

  it('cannot write first, nor to whom blocked it, nor where it is no member', async () => {
    await using stage = await openStage();
    expect(await refusalOf(stage.api.sendMessage(sam.id, 'hi'))).toMatchObject({
      code: 403,
      description: "Forbidden: bot can't initiate conversation with a user",
    });
    stage.telegram.start(sam.id);
    await stage.api.sendMessage(sam.id, 'hi');
    stage.telegram.block(sam.id);
    expect(await refusalOf(stage.api.sendMessage(sam.id, 'hi'))).toMatchObject({
      code: 403,
      description: 'Forbidden: bot was blocked by the user',
    });
    stage.telegram.setMember(CHATS.vip.id, SANDBOX_BOT.id, 'kicked');
    expect(await refusalOf(stage.api.sendMessage(CHATS.vip.id, 'hi'))).toMatchObject({
      code: 403,
      description: 'Forbidden: bot was kicked from the supergroup chat',
    });
    expect(await refusalOf(stage.api.sendMessage(-100999, 'hi'))).toMatchObject({ code: 400, description: 'Bad Request: chat not found' });
    stage.telegram.setBotRights(CHATS.signals.id, { can_post_messages: false });
    expect(await refusalOf(stage.api.sendMessage(CHATS.signals.id, 'hi'))).toMatchObject({
      description: 'Bad Request: need administrator rights in the channel chat',
    });
  });

  it('refuses an edit that changes nothing, and the message of somebody else', async () => {
    await using stage = await openStage();
    const entities = [{ type: 'bold' as const, offset: 0, length: 3 }];
    const sent = await stage.api.sendMessage(adam.id, 'one two', { entities });
    const refused = await refusalOf(stage.api.editMessageText(adam.id, sent.message_id, 'one two ', { entities }));
    expect(refused.description).toMatch(
      /^Bad Request: message is not modified: specified new message content and reply markup are exactly the same/,
    );
    const edited = await stage.api.editMessageText(adam.id, sent.message_id, 'one two');
    expect(edited).toMatchObject({ text: 'one two', edit_date: expect.any(Number) });
    const own = stage.telegram.say(adam.id, adam.id, 'mine');
    expect(await refusalOf(stage.api.editMessageText(adam.id, own.message_id, 'x'))).toMatchObject({
      description: "Bad Request: message can't be edited",
    });
    expect(await refusalOf(stage.api.editMessageText(adam.id, 9999, 'x'))).toMatchObject({
      description: 'Bad Request: message to edit not found',
    });
  });

  it('takes the buttons away when an edit names none', async () => {
    await using stage = await openStage();
    const reply_markup = { inline_keyboard: [[{ text: 'Go', callback_data: 'go', style: 'success' as const }]] };
    const sent = await stage.api.sendMessage(adam.id, 'x', { reply_markup });
    expect(sent.reply_markup).toEqual(reply_markup);
    await stage.api.editMessageText(adam.id, sent.message_id, 'y');
    expect(stage.telegram.message(adam.id, sent.message_id)?.reply_markup).toBeUndefined();
  });

  it('copies without origin and forwards with it; protected content stays', async () => {
    await using stage = await openStage();
    const said = stage.telegram.say(olivia.id, CHATS.admin.id, 'read #this');
    const { message_id } = await stage.api.copyMessage(CHATS.signals.id, CHATS.admin.id, said.message_id);
    const copy = stage.telegram.message(CHATS.signals.id, message_id);
    expect(copy).toMatchObject({ text: 'read #this', entities: said.entities, sender_chat: { id: CHATS.signals.id } });
    expect(copy?.from).toBeUndefined();
    expect(copy?.forward_origin).toBeUndefined();
    const forward = await stage.api.forwardMessage(CHATS.admin.id, CHATS.signals.id, message_id);
    expect(forward.forward_origin).toMatchObject({ type: 'channel', message_id });
    stage.telegram.setProtectedContent(CHATS.admin.id, true);
    expect(await refusalOf(stage.api.copyMessage(CHATS.signals.id, CHATS.admin.id, said.message_id))).toMatchObject({
      description: "Bad Request: message can't be copied",
    });
    expect(await refusalOf(stage.api.copyMessage(CHATS.signals.id, CHATS.admin.id, 9999))).toMatchObject({
      description: 'Bad Request: message to copy not found',
    });
  });

  it('skips what is missing when it forwards several, and refuses when nothing is left', async () => {
    await using stage = await openStage();
    const first = await stage.api.sendMessage(CHATS.signals.id, 'one');
    const second = await stage.api.sendMessage(CHATS.signals.id, 'two');
    await stage.api.deleteMessage(CHATS.signals.id, first.message_id);
    const ids = [first.message_id, second.message_id, second.message_id + 1];
    expect(await stage.api.forwardMessages(CHATS.admin.id, CHATS.signals.id, ids)).toHaveLength(1);
    expect(await refusalOf(stage.api.forwardMessages(CHATS.admin.id, CHATS.signals.id, [second.message_id + 5]))).toMatchObject({
      description: 'Bad Request: there are no messages to forward',
    });
  });

  it('stores uploads, gives them back, sends them again by id and checks pictures', async () => {
    await using stage = await openStage();
    const bytes = Buffer.from('naïve\r\n\r\n--text--\r\n');
    const sent = await stage.api.sendDocument(adam.id, new InputFile(bytes, 'act notes.md'), { caption: 'see' });
    expect(sent.document).toMatchObject({ file_name: 'act notes.md', file_size: bytes.length, mime_type: 'text/markdown' });
    const file = await stage.api.getFile(sent.document.file_id);
    const response = await fetch(`${stage.listening.apiRoot}/file/bot${SANDBOX_BOT.token}/${file.file_path}`);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(bytes);
    expect((await stage.api.sendDocument(CHATS.admin.id, sent.document.file_id)).document.file_unique_id).toBe(
      sent.document.file_unique_id,
    );
    expect((await stage.api.sendPhoto(adam.id, new InputFile(PIXEL, 'p.png'))).photo).toMatchObject([{ width: 1, height: 1 }]);
    expect(await refusalOf(stage.api.sendPhoto(adam.id, new InputFile(bytes, 'p.png')))).toMatchObject({
      description: 'Bad Request: IMAGE_PROCESS_FAILED',
    });
    const caption = 'x'.repeat(1025);
    expect(await refusalOf(stage.api.sendDocument(adam.id, sent.document.file_id, { caption }))).toMatchObject({
      description: 'Bad Request: message caption is too long',
    });
  });

  it('opens the reply interface of the person it is meant for alone', async () => {
    await using stage = await openStage();
    const asked = stage.telegram.say(adam.id, CHATS.admin.id, 'no');
    const sent = await stage.api.sendMessage(CHATS.admin.id, 'Why?', {
      reply_parameters: { message_id: asked.message_id },
      reply_markup: { force_reply: true, selective: true, input_field_placeholder: 'Reason' },
    });
    expect(stage.telegram.replyInterface(adam.id, CHATS.admin.id)).toMatchObject({
      messageId: sent.message_id,
      markup: { input_field_placeholder: 'Reason' },
    });
    expect(stage.telegram.replyInterface(olivia.id, CHATS.admin.id)).toBeUndefined();
    stage.telegram.say(adam.id, CHATS.admin.id, 'Too long', { replyTo: sent.message_id });
    expect(stage.telegram.replyInterface(adam.id, CHATS.admin.id)).toBeUndefined();
  });

  it('knows its methods and no others', async () => {
    await using stage = await openStage();
    expect(await refusalOf(stage.api.getUserProfilePhotos(adam.id))).toMatchObject({
      code: 404,
      description: 'Not Found: method not found',
    });
    expect(await refusalOf(stage.api.sendMessage(adam.id, '<b>x</b>', { parse_mode: 'HTML' }))).toMatchObject({ code: 400 });
    const wrong = await fetch(`${stage.listening.apiRoot}/bot123:wrong/getMe`);
    expect([wrong.status, await wrong.json()]).toEqual([401, { ok: false, error_code: 401, description: 'Unauthorized' }]);
  });

  it('moves people in and out: invite by request, approval, removal', async () => {
    await using stage = await openStage();
    const link = await stage.api.createChatInviteLink(CHATS.vip.id, { creates_join_request: true, name: 'vip-1' });
    expect(stage.telegram.join(sam.id, link.invite_link)).toBe('requested');
    const [update] = await stage.api.getUpdates();
    expect(update?.chat_join_request).toMatchObject({ from: { id: sam.id }, user_chat_id: sam.id, invite_link: { name: 'vip-1' } });
    await stage.api.approveChatJoinRequest(CHATS.vip.id, sam.id);
    expect(await stage.api.getChatMember(CHATS.vip.id, sam.id)).toMatchObject({ status: 'member' });
    expect(await refusalOf(stage.api.approveChatJoinRequest(CHATS.vip.id, sam.id))).toMatchObject({
      description: 'Bad Request: USER_ALREADY_PARTICIPANT',
    });
    await stage.api.banChatMember(CHATS.vip.id, max.id);
    await stage.api.unbanChatMember(CHATS.vip.id, max.id);
    expect(await stage.api.getChatMember(CHATS.vip.id, max.id)).toMatchObject({ status: 'left' });
    expect(await refusalOf(stage.api.banChatMember(CHATS.vip.id, olivia.id))).toMatchObject({
      description: 'Bad Request: user is an administrator of the chat',
    });
  });

  it('sends to topics of a forum that exist', async () => {
    await using stage = await openStage();
    const topicId = stage.telegram.makeTopic(CHATS.admin.id, 'Signals');
    const sent = await stage.api.sendMessage(CHATS.admin.id, 'x', { message_thread_id: topicId });
    expect(sent).toMatchObject({ message_thread_id: topicId, is_topic_message: true, chat: { is_forum: true } });
    expect(await refusalOf(stage.api.sendMessage(CHATS.admin.id, 'x', { message_thread_id: 777 }))).toMatchObject({
      description: 'Bad Request: message thread not found',
    });
  });
});
