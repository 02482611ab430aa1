import { afterAll, beforeAll, expect, test } from 'vitest';
import { CHATS } from '../../../src/sandbox/world.ts';
import { heartbeat } from '../../../src/store/stop.ts';
import { approveTask, grant, planTask, REPLY_PLAN } from '../../support/stories.ts';
import { adam, bella, olivia, openStage, rita, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
  await stage.start();
});
afterAll(() => stage[Symbol.asyncDispose]());

const textOf = (message: { text?: string }) => message.text ?? '';

test('a stop says what holds, who has heard of it, what waits and who can lift it; the admin group is told and it is pinned', async () => {
  await planTask(stage.db, { by: adam.id });
  await heartbeat(stage.db.rpc('ags_worker'), { worker: 'w-quick', roles: 'worker', generationSeen: 99 });
  await heartbeat(stage.db.rpc('ags_worker'), { worker: 'w-asleep', roles: 'worker', generationSeen: 1 });
  const answer = textOf(await stage.ask(rita.id, rita.id, '/stop wrong prices'));
  expect(answer).toMatch(/^🛑 STOPPED at \d\d:\d\d UTC by Rita\nNo T2 or T3 effect starts/);
  expect(answer).toContain('Reason: “wrong prices”');
  expect(answer).toContain('1 of 2 workers acknowledged; not yet: w-asleep');
  expect(answer).toContain('Nothing was in flight.');
  expect(answer).toContain('1 task waits for /resume.');
  expect(answer).toContain('(4 other people could)');
  const notice = await stage.telegram.waitForMessage(CHATS.admin.id, 'STOPPED');
  await stage.telegram.waitFor((telegram) => telegram.pinned(CHATS.admin.id).includes(notice.message_id));
  expect(textOf(await stage.ask(olivia.id, olivia.id, '/status'))).toMatch(
    /^🛑 STOPPED \(T2 and T3 effects\) since .* by Rita: “wrong prices”/,
  );
});

test('a second stop widens it and names the first', async () => {
  const answer = textOf(await stage.ask(bella.id, bella.id, '/stop all'));
  expect(answer).toMatch(/STOPPED at \d\d:\d\d UTC by Rita \(and again by Bella now\)\nNo task goes on, on any tier/);
});

test('each stop is answered, but the admin group hears of it and keeps it pinned only when it is new or wider', async () => {
  const isNotice = (message: { text?: string }) => textOf(message).startsWith('🛑 STOPPED');
  const listNotices = () => stage.telegram.history(CHATS.admin.id).filter(isNotice);
  // One for Rita's, and one for Bella's that widened it.
  await stage.telegram.waitFor((telegram) => telegram.pinned(CHATS.admin.id).length === 2);
  expect(listNotices()).toHaveLength(2);
  const before = stage.telegram.history(rita.id).filter(isNotice).length;
  for (let count = 0; count < 10; count += 1) stage.telegram.say(rita.id, rita.id, count % 2 === 0 ? '/stop' : '/stop all');
  await stage.telegram.waitFor((telegram) => telegram.history(rita.id).filter(isNotice).length === before + 10, { timeoutMs: 20_000 });
  await stage.settle();
  expect(listNotices()).toHaveLength(2);
  expect(stage.telegram.pinned(CHATS.admin.id)).toHaveLength(2);
  await stage.ask(bella.id, CHATS.admin.id, '/stop');
  await stage.settle();
  expect(stage.telegram.pinned(CHATS.admin.id)).toHaveLength(2);
}, 30_000);

test('two operators cannot lift it, an operator and an owner can; what waited is nudged', async () => {
  expect(textOf(await stage.ask(rita.id, rita.id, '/resume'))).toContain('You may not use /resume');
  expect(textOf(await stage.ask(adam.id, adam.id, '/resume all good'))).toContain('Asked. A second person (owner) has to confirm');
  const card = await stage.telegram.waitForMessage(CHATS.admin.id, 'Resume?');
  expect(textOf(card)).toContain('by Rita');
  expect(textOf(await stage.ask(adam.id, adam.id, '/resume'))).toContain('You have already asked');
  expect(textOf(await stage.ask(bella.id, bella.id, '/resume'))).toContain('One of the two has to be an owner');
  stage.delivered.length = 0;
  expect(textOf(await stage.ask(olivia.id, olivia.id, '/resume'))).toMatch(/^▶️ RESUMED by Adam and Olivia\. What waited goes on/);
  expect(stage.delivered.map(({ job }) => job)).toContain('step.run');
  await stage.telegram.waitFor((telegram) =>
    telegram.message(CHATS.admin.id, card.message_id)?.text?.includes('Resumed by Adam and Olivia'),
  );
  await stage.telegram.waitForMessage(CHATS.admin.id, 'RESUMED');
  // Both notices say that it is over, and neither is pinned any longer.
  await stage.telegram.waitFor((telegram) => telegram.pinned(CHATS.admin.id).length === 0);
  await stage.settle();
  const lifted = stage.telegram.history(CHATS.admin.id).filter((message) => textOf(message).startsWith('▶️ LIFTED'));
  expect(lifted).toHaveLength(2);
  for (const notice of lifted)
    expect(textOf(notice)).toMatch(/^▶️ LIFTED by Adam and Olivia at \d\d:\d\d UTC\.\nIt was stopped at \d\d:\d\d UTC by Rita\.$/);
  expect(textOf(await stage.ask(olivia.id, olivia.id, '/resume'))).toBe('Nothing is stopped, so there is nothing to resume.');
});

test('the stop holds when Telegram refuses to show the answer', async () => {
  stage.telegram.failNext({ method: 'sendMessage', as: { status: 400, description: 'no' }, times: 2 });
  stage.telegram.say(adam.id, adam.id, '/stop');
  await stage.settle();
  const [row] = await stage.db.sql('select stopped_by from public.stop_switch');
  expect(row?.stopped_by).toBe(`tg:${adam.id}`);
});

test('a stop in the admin group is pinned and lifted as the answer that it is', async () => {
  const answer = await stage.ask(bella.id, CHATS.admin.id, '/stop');
  expect(textOf(answer)).toContain('(and again by Bella now)');
  await stage.ask(adam.id, adam.id, '/resume');
  await stage.ask(olivia.id, olivia.id, '/resume');
  const own = await stage.ask(bella.id, CHATS.admin.id, '/stop once more');
  await stage.telegram.waitFor((telegram) => telegram.pinned(CHATS.admin.id).includes(own.message_id));
  await stage.ask(adam.id, adam.id, '/resume');
  const card = await stage.telegram.waitFor((telegram) =>
    telegram.history(CHATS.admin.id).findLast((message) => textOf(message).includes('Resume?')),
  );
  await stage.telegram.press(olivia.id, CHATS.admin.id, card.message_id, 'Confirm');
  await stage.telegram.waitFor((telegram) => textOf(telegram.message(CHATS.admin.id, own.message_id) ?? {}).startsWith('▶️ LIFTED'));
  await stage.telegram.waitFor((telegram) => telegram.pinned(CHATS.admin.id).length === 0);
});

test('a task is cancelled by its id, and says so where it was asked for', async () => {
  const taskId = await planTask(stage.db, { by: adam.id, nodes: REPLY_PLAN });
  expect(textOf(await stage.ask(adam.id, adam.id, '/cancel 17'))).toContain('I read 17 as a task’s id');
  expect(textOf(await stage.ask(bella.id, bella.id, `/cancel ${taskId.toLowerCase()} not needed`))).toContain(`${taskId} cancelled.`);
  expect(textOf(await stage.ask(bella.id, bella.id, `/cancel ${taskId}`))).toContain('already ended');
  const status = textOf(await stage.ask(adam.id, adam.id, `/status ${taskId}`));
  expect(status).toContain('✖️ cancelled');
  expect(status).toContain('Cancelled by Bella: not needed');
  const why = textOf(await stage.ask(adam.id, adam.id, `/why ${taskId}`));
  expect(why).toContain('each one checked against the one before it, intact.');
  expect(why).toMatch(/the rules accepted the plan: tier T1, by the rule “the highest tier of its actions”/);
  expect(why).toContain('Bella ended it: cancelled');
});

test('what may still land is named by the chat’s own title, and by its id only when Telegram does not tell', async () => {
  const { taskId: posted } = await approveTask(stage.db, { by: adam.id });
  await grant(stage.db, posted);
  const answered = await planTask(stage.db, { by: adam.id, nodes: REPLY_PLAN });
  await grant(stage.db, answered);
  stage.telegram.failNext({ method: 'getChat', chatId: adam.id, as: { status: 400, description: 'Bad Request: chat not found' } });
  const stopped = textOf(await stage.ask(rita.id, rita.id, '/stop all'));
  expect(stopped).toMatch(/May still land, for it was let out before:\n/);
  expect(stopped).toMatch(new RegExp(`• ${posted} post \\(T\\d\\) to AGS Signals\n`));
  expect(stopped).toContain(`• ${answered} reply (T1) to ${adam.id}\n`);
  const cancelled = textOf(await stage.ask(bella.id, bella.id, `/cancel ${posted}`));
  expect(cancelled).toMatch(/May still land, for it was let out before:\n• post to AGS Signals$/);
}, 30_000);
