import { readFileSync } from 'node:fs';
import { startTestApp } from './test/support/app.ts';
import { launchBrowser, openChatPage } from './test/support/browser.ts';
import { CHATS, PERSONAS } from './src/sandbox/world.ts';
import type { Message } from './src/sandbox/wire.ts';
const { adam, bella, olivia, rita } = PERSONAS;
const dir = '/tmp/s3/shots2';
const isT3 = process.argv[2] === 't3';
const policy = readFileSync('policies/default.yaml', 'utf8');
const app = await startTestApp(isT3 ? { policy: readFileSync('/tmp/s3/t3.yaml', 'utf8') } : {});
const t = app.telegram;
const browser = await launchBrowser();
let n = 0;
async function shot(name: string, personaId: number, chatId: number, height = 860) {
  const p = await openChatPage(browser, app.pageUrl, { personaId, chatId, viewport: { width: 400, height } });
  await p.page.waitForTimeout(250);
  await p.page.screenshot({ path: `${dir}/${isT3 ? 't3-' : ''}${String(++n).padStart(2, '0')}-${name}.png` });
  await p.close();
}
const print = (label: string, m: Message | undefined) => console.log(`\n=== ${label} (${(m?.text ?? m?.caption ?? '').length})\n${m?.text ?? m?.caption ?? '(none)'}${m?.reply_markup && 'inline_keyboard' in m.reply_markup ? `\n[${m.reply_markup.inline_keyboard.flat().map((b) => b.text).join('] [')}]` : ''}`);
async function ask(who: number, chat: number, text: string, options = {}): Promise<Message> {
  const said = t.say(who, chat, text, options);
  const m = await t.waitForMessage(chat, (x) => x.from?.is_bot === true && x.reply_to_message?.message_id === said.message_id, { timeoutMs: 15000, what: text });
  return t.message(chat, m.message_id)!;
}
const T = { timeoutMs: 40000 };
async function press(who: number, m: Message, label: string) {
  const a = await t.press(who, m.chat.id, m.message_id, label, T);
  console.log(`\n--- press ${label}: ${a.text ?? '(no text)'} ${a.showAlert ? '[alert]' : ''}`);
}
const ofTask = (task: Message) => /T-\S+/.exec(task.text!)![0];
async function cardOf(task: Message, fits: RegExp) {
  const id = ofTask(task);
  return t.waitFor(() => t.history(CHATS.admin.id).find((m) => m.text?.includes(`task ${id}`) && fits.test(m.text)), { ...T, what: `card of ${id} ${fits}` }).catch((e) => { print('task says', t.message(task.chat.id, task.message_id)); throw e; });
}
const now = (m: Message) => t.message(m.chat.id, m.message_id)!;
const changes = (m: Message, fits: RegExp) => t.waitFor(() => (fits.test(now(m).text!) ? now(m) : null), { ...T, what: String(fits) }).catch((e) => { print('it says', now(m)); throw e; });
const notes = { document: { fileName: 'opening-hours.txt', mimeType: 'text/plain', bytes: Buffer.from('From Monday 30 November the shop is open from 9:00 to 17:00 on weekdays. On Saturdays it stays open from 10:00 to 14:00. On Sundays and public holidays it is closed. The phone line answers during the same hours.') } };
async function section(name: string, run: () => Promise<void>) {
  console.log(`\n######## ${name}`);
  try { await run(); } catch (e) { console.log('ERROR', e); }
}
if (isT3) {
  await section('t3', async () => {
    const task = await ask(adam.id, adam.id, '/task Publish a post about our new opening hours', notes);
    const card = await cardOf(task, /Approve\?/);
    print('t3 card', card);
    await shot('card', bella.id, CHATS.admin.id, 1400);
    await press(adam.id, card, 'Approve');
    await press(bella.id, card, 'Approve');
    await press(bella.id, card, 'Approve');
    print('t3 card one slot', await changes(card, /operator ✓/));
    print('olivia private', t.lastMessage(olivia.id));
    await press(olivia.id, card, 'Approve');
    print('t3 done', await changes(card, /Done/));
    await shot('done', bella.id, CHATS.admin.id);
    print('task', await changes(task, /✅ done/));
    t.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: 'drop-after' });
    const task2 = await ask(adam.id, adam.id, '/task Publish a post about our new opening hours and phone', notes);
    const card2 = await cardOf(task2, /Approve\?/);
    await press(bella.id, card2, 'Approve');
    await press(olivia.id, card2, 'Approve');
    const doubt = await t.waitForMessage(CHATS.admin.id, /Did this/, T);
    print('doubt t3', doubt);
    await press(bella.id, doubt, 'Send again');
    print('doubt t3 after one', await changes(doubt, /second person/i));
  });
} else {
  await section('no material', async () => {
    const task = await ask(adam.id, adam.id, '/task Publish a post about our new opening hours: 9 to 5 from Monday');
    const card = await cardOf(task, /Approve\?|Cannot/);
    print('staged', t.history(CHATS.admin.id)[0]);
    print('card', card);
    await shot('nomaterial', bella.id, CHATS.admin.id, 1200);
    await press(bella.id, card, 'Reject');
    const q = await t.waitForMessage(CHATS.admin.id, /why do you reject/, T);
    print('reject prompt', q);
    t.say(bella.id, CHATS.admin.id, 'The date is missing.', { replyTo: q.message_id });
    print('card rejected', await changes(card, /Rejected/));
    print('task rejected', await changes(task, /🚫 rejected/));
    print('last to adam', t.lastMessage(adam.id));
    await shot('rejected-admin', bella.id, CHATS.admin.id);
    await shot('rejected-adam', adam.id, adam.id);
    await press(bella.id, card, 'Approve').catch((e) => console.log(String(e.message)));
  });
  await section('expired', async () => {
    const task = await ask(adam.id, adam.id, '/task Publish a post about our new opening hours', notes);
    const card = await cardOf(task, /Approve\?/);
    await app.sql("update public.approval_requests set expires_at = now() - interval '1 minute', shown_at = now() - interval '1 day' where status = 'pending'");
    await press(bella.id, card, 'Approve');
    print('card expired', await changes(card, /Expired/));
    print('task expired', await changes(task, /expired/));
    print('last to adam', t.lastMessage(adam.id));
    print('last in admin', t.lastMessage(CHATS.admin.id));
  });
  await section('reminder', async () => {
    const task = await ask(adam.id, adam.id, '/task Publish a post about our new opening hours', notes);
    const card = await cardOf(task, /Approve\?/);
    await app.sql("update public.approval_requests set shown_at = now() - interval '6 minutes' where status = 'pending'");
    await t.waitForMessage(CHATS.admin.id, /⏰/, T).then((m) => print('reminder', m), (e) => console.log(String(e)));
    print('stop', await ask(rita.id, rita.id, '/stop wrong prices in the channel'));
    print('stop notice', t.lastMessage(CHATS.admin.id));
    print('card stopped', await changes(card, /STOPPED/));
    await shot('stop', rita.id, rita.id);
    await shot('stop-admin', bella.id, CHATS.admin.id);
    await press(bella.id, card, 'Approve');
    print('status stopped', await ask(adam.id, adam.id, '/status'));
    print('task while stopped', now(task));
    print('resume adam', await ask(adam.id, adam.id, '/resume prices are right again'));
    const rc = await t.waitForMessage(CHATS.admin.id, /Resume\?/, T);
    print('resume card', rc);
    await press(adam.id, rc, 'Confirm');
    await press(bella.id, rc, 'Confirm');
    await press(rita.id, rc, 'Confirm');
    await shot('resume-admin', bella.id, CHATS.admin.id);
    await press(olivia.id, rc, 'Confirm');
    print('resume card after', await changes(rc, /Resumed/));
    print('admin last', t.lastMessage(CHATS.admin.id));
    print('card again', await changes(card, /Approve\?/));
    print('cancel', await ask(adam.id, adam.id, `/cancel ${ofTask(task)} not needed`));
    print('card over', await changes(card, /Nothing left/));
    print('task cancelled', await changes(task, /cancelled/));
    await shot('cancelled', adam.id, adam.id);
  });
  await section('doubt', async () => {
    t.failNext({ method: 'copyMessage', chatId: CHATS.signals.id, as: 'drop-after' });
    const task = await ask(adam.id, adam.id, '/task Publish a post about our new opening hours and phone', notes);
    const card = await cardOf(task, /Approve\?/);
    await press(bella.id, card, 'Approve');
    const doubt = await t.waitForMessage(CHATS.admin.id, /Did this/, T);
    print('doubt', doubt);
    print('card in doubt', now(card));
    await changes(task, /held/);
    print('task held', now(task));
    await shot('doubt', bella.id, CHATS.admin.id, 1000);
    await press(bella.id, doubt, 'It happened');
    print('doubt settled', await changes(doubt, /Settled/));
    print('card after', await changes(card, /Done/));
    print('task', await changes(task, /✅ done/));
  });
}
await browser.close();
await app.close();
