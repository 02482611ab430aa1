import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { makeKeyboard } from '../../../src/bot/view.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import type { RequestView } from '../../../src/store/approvals.ts';
import { resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { loadTask, runToEnd, snapshot } from '../../support/stories.ts';
import { PUBLISH_IS_T3 } from '../../support/story-world.ts';
import { type CardStage, openCardStage } from './support.ts';

const { olivia, oscar, adam, bella, rita, sam } = PERSONAS;
const GROUP = CHATS.admin.id;
let stage: CardStage;
let request: RequestView;
let messageId: number;

beforeAll(async () => {
  stage = await openCardStage(PUBLISH_IS_T3);
});
afterAll(() => stage[Symbol.asyncDispose]());
beforeEach(async () => {
  request = await stage.ask();
  ({ messageId } = stage.cardIn(GROUP));
});

const press = (personaId: number, label: string) => stage.telegram.press(personaId, GROUP, messageId, label);
const textNow = () => stage.telegram.message(GROUP, messageId)?.text ?? '';
const isSaying = (words: string) => stage.telegram.waitFor(() => textNow().includes(words), { what: `the card to say ${words}` });

describe('two people, two roles', () => {
  it('shows the text above the card, counts one press each, and links to what was published', async () => {
    const staged = stage.telegram.message(GROUP, request.staged[0]?.messageId ?? 0);
    expect(staged?.text).toBe('The text of act, take 1.0 (1)');
    expect(request.staged[0]?.messageId).toBeLessThan(messageId);
    expect(await press(bella.id, 'Approve')).toMatchObject({ text: 'Counted as operator. Still waiting: owner.', showAlert: false });
    await isSaying('operator ✓ Bella');
    expect(await press(olivia.id, 'Approve')).toMatchObject({ text: 'Counted as owner. Approved: it goes out now.' });
    await isSaying('Approved, on its way');
    expect(stage.delivered.some(({ job, id }) => job === 'step.run' && id === `${request.taskId}/publish`)).toBe(true);
    await runToEnd(stage.db, request.taskId);
    await stage.cards.draw(request.stepId);
    expect(textNow()).toMatch(/Done[\s\S]*Published/);
    expect(stage.telegram.message(GROUP, messageId)?.reply_markup).toBeUndefined();
    expect(stage.telegram.message(GROUP, messageId)?.entities).toContainEqual(
      expect.objectContaining({ url: 'https://t.me/c/1000000003/9001' }),
    );
  });

  it('refuses the requester, a second slot for one person, reviewers and strangers, each with a reason', async () => {
    const before = await snapshot(stage.db, request.taskId);
    expect((await press(adam.id, 'Approve')).text).toContain('You asked for this yourself');
    expect((await press(rita.id, 'Approve')).text).toContain('You hold no role that may decide this');
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
    await press(oscar.id, 'Approve');
    expect(await press(oscar.id, 'Approve')).toMatchObject({
      text: expect.stringContaining('You have already approved this'),
      showAlert: true,
    });
    await isSaying('owner ✓ Oscar');
    expect((await press(olivia.id, 'Approve')).text).toContain('Counted as operator');
  });

  it('counts twenty presses at once as one', async () => {
    const data = stage.telegram.message(GROUP, messageId)?.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '';
    const answers = await Promise.all(Array.from({ length: 20 }, () => stage.telegram.pressRaw(bella.id, GROUP, messageId, data).answered));
    expect(answers.filter(({ text }) => text?.startsWith('Counted'))).toHaveLength(1);
    expect(answers.filter(({ text }) => text?.startsWith('You have already'))).toHaveLength(19);
    const [row] = await stage.db.sql('select count(*)::int as count from public.approvals where task_id = $1', [request.taskId]);
    expect(row?.count).toBe(1);
  });

  it('takes the real id of an anonymous admin who presses', async () => {
    expect((await press(olivia.id, 'Approve')).text).toContain('Counted as owner');
    await isSaying('owner ✓ Olivia');
  });
});

describe('a press that fits nothing', () => {
  it('is answered and changes nothing: forged, foreign, of another card, with an unknown letter', async () => {
    const token = 'a'.repeat(22);
    const data = stage.telegram.message(GROUP, messageId)?.reply_markup?.inline_keyboard[0]?.[0]?.callback_data ?? '';
    const other = await stage.outbound.send({ chatId: GROUP, topicId: null }, { text: 'another message', entities: [] });
    const before = await snapshot(stage.db, request.taskId);
    const forge = (raw: string, at = messageId) => stage.telegram.pressRaw(olivia.id, GROUP, at, raw).answered;
    expect(await forge(`a:${token}:y`)).toMatchObject({ text: expect.stringContaining('no longer valid'), showAlert: true });
    expect((await forge('approve everything')).text).toContain('no longer valid');
    expect((await forge(data.replace(/y$/, 'z'))).text).toContain('no longer valid');
    expect((await forge(`d:${token}:a`)).text).toContain('no longer valid');
    expect((await forge(`r:${token}`)).text).toMatch(/Nothing is stopped/);
    expect((await forge(data, other.messageId)).text).toContain('does not belong to this message');
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
    expect(stage.telegram.message(GROUP, other.messageId)?.text).toBe('another message');
  });

  it('on a card that was sent twice leads to the one that counts, and takes the buttons from the other', async () => {
    const { text = '', reply_markup: markup } = stage.telegram.message(GROUP, messageId) ?? {};
    const keyboard = makeKeyboard(
      ...(markup?.inline_keyboard ?? []).map((row) =>
        row.map(({ text: label, callback_data: data = '' }) => ({ text: label, callback_data: data })),
      ),
    );
    const twin = await stage.outbound.send({ chatId: GROUP, topicId: null }, { text, entities: [], keyboard });
    const before = await snapshot(stage.db, request.taskId);
    for (const label of ['Approve', 'Reject']) {
      const shown = await stage.outbound.send({ chatId: GROUP, topicId: null }, { text, entities: [], keyboard });
      await stage.telegram.press(olivia.id, GROUP, shown.messageId, label);
      await stage.telegram.waitForMessage(
        GROUP,
        (message) => message.message_id === shown.messageId && (message.text ?? '').includes('sent twice'),
      );
      expect(stage.telegram.message(GROUP, shown.messageId)?.reply_markup).toBeUndefined();
    }
    expect(await snapshot(stage.db, request.taskId)).toEqual(before);
    expect(stage.telegram.message(GROUP, messageId)?.reply_markup).toEqual(markup);
    expect(stage.telegram.message(GROUP, twin.messageId)?.reply_markup).toEqual(keyboard);
  });

  it('is told who stopped everything, and since when; after resuming it counts', async () => {
    const rpc = stage.db.rpc('ags_bot');
    await stopEffects(rpc, { externalId: rita.id, reason: 'wrong price', scope: 'effects' });
    await stage.cards.draw(request.stepId);
    expect(textNow()).toMatch(/STOPPED[\s\S]*Stopped by Rita since \d\d:\d\d UTC/);
    expect((await press(olivia.id, 'Approve')).text).toMatch(/^STOPPED by Rita since \d\d:\d\d UTC/);
    await resumeEffects(rpc, { externalId: adam.id, reason: '' });
    await resumeEffects(rpc, { externalId: olivia.id, reason: '' });
    await stage.cards.draw(request.stepId);
    expect(textNow()).toContain('Approve?');
    expect((await press(olivia.id, 'Approve')).text).toContain('Counted as owner');
  });

  it('is told since when it has expired, or that the task is over', async () => {
    await stage.db.sql(`update public.approval_requests set expires_at = now() - interval '2 minutes' where request_id = $1`, [
      request.requestId,
    ]);
    expect((await press(olivia.id, 'Approve')).text).toMatch(/expired at \d\d:\d\d UTC \(2 min ago\)/);
    await isSaying('Expired');
    const { token } = await lastToken(request.requestId);
    await stage.db.sql(`update public.tasks set status = 'cancelled', ended_at = now() where task_id = $1`, [request.taskId]);
    await stage.db.sql(
      `update public.approval_requests set status = 'void', void_reason = 'task_cancelled', decided_at = now() where request_id = $1`,
      [request.requestId],
    );
    expect((await stage.telegram.pressRaw(olivia.id, GROUP, messageId, `a:${token}:n`).answered).text).toContain(
      'has already ended (cancelled)',
    );
    await isSaying('Nothing left to decide');
  });

  it('comes too late once it was let out', async () => {
    const { token } = await lastToken(request.requestId);
    await press(bella.id, 'Approve');
    await press(olivia.id, 'Approve');
    await runToEnd(stage.db, request.taskId);
    expect((await stage.telegram.pressRaw(oscar.id, GROUP, messageId, `a:${token}:n`).answered).text).toContain('Too late');
    expect((await stage.telegram.pressRaw(oscar.id, GROUP, messageId, `a:${token}:y`).answered).text).toContain('already approved');
    expect((await loadTask(stage.db, request.taskId)).status).toBe('done');
  });
});

async function lastToken(requestId: string): Promise<{ token: string }> {
  const [row] = await stage.db.sql('select token from public.buttons where request_id = $1 order by created_at limit 1', [requestId]);
  return { token: String(row?.token) };
}

it('gives the whole text, the critique and the decisions to whoever holds a role, and to nobody else', async () => {
  expect((await press(rita.id, 'Details')).text).toContain('follow as a file');
  const { document, reply_to_message: card } = await stage.telegram.waitForMessage(
    GROUP,
    ({ document }) => document?.file_name === `${request.reference}.txt`,
  );
  const text = Buffer.from(stage.telegram.fileBytes(document?.file_id ?? '')).toString();
  for (const words of [
    request.artifactChecksum,
    'The text of act, take 1.0 (1)',
    'nothing to add',
    'operator: waiting',
    'Rendered 1 message(s).',
  ])
    expect(text).toContain(words);
  expect(card?.message_id).toBe(messageId);
  expect(stage.telegram.calls('sendDocument').at(-1)?.params).toMatchObject({ disable_notification: 'true' });
  stage.telegram.setMember(GROUP, sam.id, 'member');
  expect((await press(sam.id, 'Details')).text).toContain('You hold no role');
});
