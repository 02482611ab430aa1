import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { makeResumeCardView, toHeldFacts } from '../../../src/bot/views/resume-card.ts';
import { CHATS, PERSONAS } from '../../../src/sandbox/world.ts';
import { recordCard } from '../../../src/store/cards.ts';
import { openResumeCard, resumeEffects, stopEffects } from '../../../src/store/stop.ts';
import { approve, grant, loadTask, sendPart, settle } from '../../support/stories.ts';
import { PUBLISH_IS_T3 } from '../../support/story-world.ts';
import { ADMIN, type CardStage, openCardStage } from './support.ts';

const { olivia, adam, bella, rita } = PERSONAS;
const GROUP = CHATS.admin.id;
let stage: CardStage;
beforeAll(async () => {
  stage = await openCardStage(PUBLISH_IS_T3);
});
afterAll(() => stage[Symbol.asyncDispose]());

const cardsIn = (chatId: number, reference: string) =>
  stage.telegram
    .history(chatId)
    .filter(({ text, reply_markup }) => text?.includes(reference) && (reply_markup?.inline_keyboard.length ?? 0) > 0);
const mentioned = (text: RegExp) =>
  stage.telegram
    .history(GROUP)
    .findLast((message) => text.test(message.text ?? ''))
    ?.entities?.flatMap((entity) => ('user' in entity && entity.user ? [entity.user.id] : []));

describe('cards', () => {
  it('stand once in the group and once with each approver who started the bot, after the text itself', async () => {
    for (const { id } of [olivia, adam, rita]) await stage.start(id);
    const request = await stage.ask({ parts: 2 });
    await Promise.all([stage.cards.draw(request.stepId), stage.cards.draw(request.stepId)]);
    expect(cardsIn(GROUP, request.reference)).toHaveLength(1);
    expect(cardsIn(olivia.id, request.reference)).toHaveLength(1);
    const [first, second, card] = stage.telegram.history(olivia.id).slice(-3);
    expect([first?.text, second?.text]).toEqual(['The text of act, take 1.0 (1)', 'The text of act, take 1.0 (2)']);
    expect(card?.text).toContain('2 messages above');
    // Adam asked for it himself and fills no slot on T3; Rita reviews; Bella has not started the bot.
    for (const { id } of [adam, rita, bella]) expect(cardsIn(id, request.reference)).toEqual([]);
    await stage.telegram.press(olivia.id, olivia.id, card?.message_id ?? 0, 'Approve');
    await stage.telegram.waitForMessage(olivia.id, /owner ✓ Olivia/);
    // The others are a worker's to redraw, so that the next press in the chat does not wait for them.
    await vi.waitFor(() => expect(stage.delivered).toContainEqual(expect.objectContaining({ job: 'card.show', id: request.stepId })));
    await stage.cards.draw(request.stepId);
    await stage.telegram.waitForMessage(GROUP, /owner ✓ Olivia/);
  });

  it('offer nothing to approve where the text could not be shown', async () => {
    stage.telegram.failNext({
      method: 'copyMessage',
      chatId: olivia.id,
      as: { status: 400, description: 'Bad Request: message to copy not found' },
    });
    const request = await stage.ask();
    const [card] = cardsIn(olivia.id, request.reference);
    expect(card?.text).toContain('Decide in the admin group');
    expect(card?.reply_markup?.inline_keyboard.flat().map(({ text }) => text)).not.toContain('✅ Approve');
    expect(
      cardsIn(GROUP, request.reference)[0]
        ?.reply_markup?.inline_keyboard.flat()
        .map(({ text }) => text),
    ).toContain('✅ Approve');
  });

  it('go on without somebody who blocked the bot', async () => {
    stage.telegram.block(olivia.id);
    const request = await stage.ask();
    expect(cardsIn(GROUP, request.reference)).toHaveLength(1);
    stage.telegram.unblock(olivia.id);
  });

  it('are sent anew when somebody deleted them, and the new buttons count', async () => {
    const request = await stage.ask();
    const gone = stage.cardIn(GROUP).messageId;
    stage.telegram.remove(olivia.id, GROUP, gone);
    await approve(stage.db, request.reference, olivia.id);
    await stage.cards.draw(request.stepId);
    const card = stage.cardIn(GROUP);
    expect(card.messageId).not.toBe(gone);
    expect(card.text).toContain('owner ✓ Olivia');
    expect((await stage.telegram.press(bella.id, GROUP, card.messageId, 'Approve')).text).toContain('Approved');
  });

  it('stand once also when two processes find them gone at the same time', async () => {
    const request = await stage.ask();
    stage.telegram.remove(olivia.id, GROUP, stage.cardIn(GROUP).messageId);
    await approve(stage.db, request.reference, olivia.id);
    await Promise.all([stage.cards.draw(request.stepId), stage.botCards.draw(request.stepId)]);
    const standing = cardsIn(GROUP, request.reference);
    expect(standing).toHaveLength(1);
    expect(
      stage.telegram.calls('sendMessage').filter(({ params }) => String(params.text).includes(request.reference)).length,
    ).toBeGreaterThanOrEqual(2);
    expect((await stage.telegram.press(bella.id, GROUP, standing[0]?.message_id ?? 0, 'Approve')).text).toContain('Approved');
  });

  it('change nothing in Telegram when nothing changed', async () => {
    const request = await stage.ask();
    // The card says how long is left, in minutes: not at the turn of one.
    await stage.db.sql(`update public.approval_requests set expires_at = now() + interval '5 hours 20 seconds' where reference = $1`, [
      request.reference,
    ]);
    // Of this card: others may still be drawn after a press.
    const listEdits = () => stage.telegram.calls('editMessageText').filter(({ params }) => String(params.text).includes(request.reference));
    await stage.cards.draw(request.stepId);
    const before = listEdits().length;
    await stage.cards.draw(request.stepId);
    await stage.cards.draw(request.stepId);
    expect(listEdits()).toHaveLength(before);
  });

  it('are not sent while stopped, and follow after the resume, which two people give', async () => {
    const rpc = stage.db.rpc('ags_bot');
    const draft = await stage.ask();
    stage.telegram.remove(olivia.id, GROUP, stage.cardIn(GROUP).messageId);
    await stopEffects(rpc, { externalId: rita.id, reason: 'wrong price', scope: 'effects' });
    await stage.cards.draw(draft.stepId);
    expect(cardsIn(GROUP, draft.reference)).toEqual([]);
    const asked = await resumeEffects(rpc, { externalId: adam.id, reason: '' });
    const { token, cardId } = await openResumeCard(rpc, ADMIN);
    const facts = { stop: { ...asked.stop, stoppedBy: 'Rita' }, needs: asked.needs ?? '', ...toHeldFacts(asked) };
    const { messageId } = await stage.outbound.send(ADMIN, makeResumeCardView(facts, token));
    await recordCard(rpc, cardId, messageId);
    expect((await stage.telegram.press(adam.id, GROUP, messageId, 'Confirm')).text).toContain('A second person has to confirm');
    expect((await stage.telegram.press(bella.id, GROUP, messageId, 'Confirm')).text).toContain('One of the two has to be an owner');
    expect((await stage.telegram.press(olivia.id, GROUP, messageId, 'Confirm')).text).toBe('Resumed. What waited goes on.');
    await stage.telegram.waitFor(
      (telegram) => telegram.message(GROUP, messageId)?.text === '▶️ Resumed by Adam and Olivia. What waited goes on.',
    );
    expect(stage.delivered).toContainEqual(expect.objectContaining({ job: 'card.show', id: draft.stepId }));
    await stage.cards.draw(draft.stepId);
    expect(cardsIn(GROUP, draft.reference)).toHaveLength(1);
  });
});

it('reminds the holders of the open role first, then everybody who could', async () => {
  const request = await stage.ask({ by: bella.id });
  await approve(stage.db, request.reference, olivia.id);
  await stage.cards.remind(request.requestId, 1);
  expect(mentioned(/^⏰/)).toEqual([adam.id]);
  await stage.cards.remind(request.requestId, 2);
  expect(mentioned(/^🚨/)).toEqual([PERSONAS.oscar.id, adam.id]);
  expect(stage.telegram.history(GROUP).at(-1)?.reply_to_message?.message_id).toBe(stage.cardIn(GROUP).messageId);
});

it('asks whether it arrived, lets two people send it again on T3, and shows what they settled', async () => {
  const request = await stage.ask({ parts: 2 });
  await approve(stage.db, request.reference, bella.id);
  await approve(stage.db, request.reference, olivia.id);
  const granted = await grant(stage.db, request.taskId);
  await sendPart(stage.db, granted.effectId, 1, 'done');
  await sendPart(stage.db, granted.effectId, 2, 'in_doubt');
  await settle(stage.db, granted, 'failed');
  await Promise.all([stage.cards.askDoubt(granted.effectId), stage.cards.askDoubt(granted.effectId)]);
  const asked = stage.telegram.history(GROUP).filter(({ text }) => text?.includes('Did this post arrive?'));
  expect(asked).toHaveLength(1);
  const card = asked[0];
  for (const words of [
    'Part 1 of 2: arrived',
    'Part 2 of 2: sent',
    'not known: it was in_doubt',
    'Send again needs an operator and an owner, as the approval did.',
    request.taskId,
  ])
    expect(card?.text).toContain(words);
  const press = (personaId: number, label: string) => stage.telegram.press(personaId, GROUP, card?.message_id ?? 0, label);
  expect((await press(rita.id, 'Send again')).text).toContain('You hold no role');
  expect((await press(bella.id, 'Send again')).text).toContain('A second person has to press');
  await stage.telegram.waitForMessage(GROUP, /Bella asks to send again/);
  expect((await press(bella.id, 'Send again')).text).toContain('You have already asked');
  expect((await press(olivia.id, 'Send again')).text).toContain('it is sent again');
  await stage.telegram.waitForMessage(GROUP, /Settled: what is missing goes out, by the word of Bella and Olivia/);
  expect(stage.telegram.message(GROUP, card?.message_id ?? 0)?.reply_markup).toBeUndefined();
  expect(stage.delivered).toContainEqual(expect.objectContaining({ job: 'step.run', id: `${request.taskId}/publish` }));
  expect((await loadTask(stage.db, request.taskId)).status).toBe('running');
});
