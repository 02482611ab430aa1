import { startTestApp } from './test/support/app.ts';
import { launchBrowser, openChatPage } from './test/support/browser.ts';
import { CHATS, PERSONAS } from './src/sandbox/world.ts';
import type { Message } from './src/sandbox/wire.ts';
const { adam, bella, olivia, oscar, rita, sam } = PERSONAS;
const dir = '/tmp/s3/shots';
const app = await startTestApp();
const t = app.telegram;
const browser = await launchBrowser();
const phone = { viewport: { width: 400, height: 860 } };
let n = 0;
async function shot(name: string, personaId: number, chatId: number) {
  const p = await openChatPage(browser, app.pageUrl, { personaId, chatId, ...phone });
  await p.page.waitForTimeout(250);
  await p.page.screenshot({ path: `${dir}/${String(++n).padStart(2, '0')}-${name}.png` });
  if (p.problems.length) console.log('PROBLEMS', p.problems);
  await p.close();
}
const print = (label: string, m: Message | undefined) => console.log(`\n=== ${label} (${(m?.text ?? m?.caption ?? '').length})\n${m?.text ?? m?.caption ?? '(none)'}${m?.document ? ` [file ${m.document.file_name}]` : ''}`);
async function ask(who: number, chat: number, text: string, options = {}): Promise<Message> {
  const said = t.say(who, chat, text, options);
  const m = await t.waitForMessage(chat, (x) => x.from?.is_bot === true && x.message_id > said.message_id, { timeoutMs: 10000 });
  return t.message(chat, m.message_id)!;
}
const until = (chat: number, fits: RegExp, what = String(fits)) => t.waitForMessage(chat, fits, { timeoutMs: 15000, what });
async function press(who: number, m: Message, label: string) {
  const a = await t.press(who, m.chat.id, m.message_id, label);
  console.log(`\n--- press ${label}: ${a.text ?? '(no text)'} ${a.showAlert ? '[alert]' : ''}`);
}
try {
  for (const [who, name] of [[olivia, 'owner'], [adam, 'operator'], [rita, 'reviewer'], [sam, 'stranger']] as const) {
    print(`/start ${name}`, await ask(who.id, who.id, '/start'));
    print(`/help ${name}`, await ask(who.id, who.id, '/help'));
    await shot(`help-${name}`, who.id, who.id);
  }
  t.say(sam.id, sam.id, '/task do something');
  print('/task stranger', await ask(adam.id, adam.id, '/task'));
  print('hint', await ask(adam.id, adam.id, '/cancel'));
  print('hint', await ask(adam.id, adam.id, 'hello there'));
  print('unknown', await ask(adam.id, adam.id, '/aprove x'));
  print('reviewer task', await ask(rita.id, rita.id, '/task x'));
  print('approve none', await ask(adam.id, adam.id, '/approve'));
  print('approve foreign', await ask(adam.id, adam.id, '/approve T2-ZZZZ yes'));
  print('/status empty', await ask(adam.id, adam.id, '/status'));
  print('/tasks empty', await ask(adam.id, adam.id, '/tasks'));
  const notes = { document: { fileName: 'opening-hours.txt', mimeType: 'text/plain', bytes: Buffer.from('From Monday 30 November the shop is open from 9:00 to 17:00 on weekdays. On Saturdays it stays open from 10:00 to 14:00. On Sundays and public holidays it is closed. The phone line answers during the same hours.') } };
  // T1
  const t1 = await ask(adam.id, adam.id, '/task Summarize the notes about our opening hours', notes);
  print('t1 first', t1);
  await until(adam.id, /T-\S+-0001[\s\S]*done/).catch((e) => console.log(String(e)));
  print('t1 task message', t.message(adam.id, t1.message_id));
  print('t1 answer', t.lastMessage(adam.id));
  await shot('t1', adam.id, adam.id);
  // T2
  const t2 = await ask(adam.id, adam.id, '/task Publish a post about our new opening hours', notes);
  const card = await until(CHATS.admin.id, /Approve\?/);
  print('t2 task message waiting', t.message(adam.id, t2.message_id));
  for (const m of t.history(CHATS.admin.id)) print('admin', m);
  await shot('t2-admin', bella.id, CHATS.admin.id);
  await shot('t2-task', adam.id, adam.id);
  print('bella private?', t.lastMessage(bella.id));
  print('/tasks', await ask(adam.id, adam.id, '/tasks'));
  print('/status', await ask(adam.id, adam.id, '/status'));
  print('/status T', await ask(adam.id, adam.id, `/status ${/T-\S+/.exec(t.message(adam.id, t2.message_id)!.text!)![0]}`));
  await shot('status', adam.id, adam.id);
  await press(rita.id, card, 'Approve');
  await press(bella.id, card, 'Details');
  await t.waitFor(() => t.lastMessage(CHATS.admin.id)?.document !== undefined, { timeoutMs: 5000 }).catch(() => undefined);
  print('details', t.lastMessage(CHATS.admin.id));
  const doc = t.lastMessage(CHATS.admin.id)?.document;
  if (doc) console.log(Buffer.from(t.fileBytes(doc.file_id)).toString());
  await press(bella.id, card, 'Edit');
  const q = await until(CHATS.admin.id, /new text of/);
  print('edit prompt', q);
  t.say(bella.id, CHATS.admin.id, 'New opening hours from Monday 30 November: weekdays 9:00 to 17:00, Saturdays 10:00 to 14:00, closed on Sundays.', { replyTo: q.message_id });
  await t.waitFor(() => /Edited|Replaces/.test(t.message(CHATS.admin.id, card.message_id)!.text!), { timeoutMs: 10000 });
  print('card right after edit', t.message(CHATS.admin.id, card.message_id));
  await t.waitFor(() => /Approve\?[\s\S]*Replaces/.test(t.message(CHATS.admin.id, card.message_id)!.text!), { timeoutMs: 15000 });
  print('card after edit', t.message(CHATS.admin.id, card.message_id));
  for (const m of t.history(CHATS.admin.id).slice(-4)) print('admin tail', m);
  await shot('t2-edited', bella.id, CHATS.admin.id);
  const edited = t.message(CHATS.admin.id, card.message_id)!;
  await press(bella.id, edited, 'Approve');
  await until(CHATS.signals.id, /opening/);
  await t.waitFor(() => /Done/.test(t.message(CHATS.admin.id, card.message_id)!.text!), { timeoutMs: 10000 });
  print('card done', t.message(CHATS.admin.id, card.message_id));
  await t.waitFor(() => /✅ done/.test(t.message(adam.id, t2.message_id)!.text!), { timeoutMs: 10000 }).catch((e) => console.log(String(e)));
  print('task done', t.message(adam.id, t2.message_id));
  print('signals', t.lastMessage(CHATS.signals.id));
  await shot('t2-done', bella.id, CHATS.admin.id);
  print('/why', await ask(adam.id, adam.id, `/why ${/T-\S+/.exec(t.message(adam.id, t2.message_id)!.text!)![0]}`));
  await shot('why', adam.id, adam.id);
  print('late approve', await ask(bella.id, CHATS.admin.id, `/approve ${/T2-\w+/.exec(edited.text!)![0]} no changed my mind`));
  // reject
  const t3 = await ask(adam.id, adam.id, '/task Publish a post about the holiday on Friday');
  const card2 = await t.waitForMessage(CHATS.admin.id, (m) => /(Approve\?|Cannot)/.test(m.text ?? '') && m.message_id > card.message_id, { timeoutMs: 15000 });
  print('card no material', card2);
  await press(bella.id, card2, 'Reject');
  const q2 = await until(CHATS.admin.id, /why do you reject/);
  print('reject prompt', q2);
  t.say(bella.id, CHATS.admin.id, 'The date is missing.', { replyTo: q2.message_id });
  await t.waitFor(() => /Rejected/.test(t.message(CHATS.admin.id, card2.message_id)!.text!), { timeoutMs: 10000 });
  print('card rejected', t.message(CHATS.admin.id, card2.message_id));
  await t.waitFor(() => /rejected/.test(t.message(adam.id, t3.message_id)!.text!), { timeoutMs: 10000 });
  print('task rejected', t.message(adam.id, t3.message_id));
  print('last to adam', t.lastMessage(adam.id));
  await shot('rejected', bella.id, CHATS.admin.id);
  await shot('rejected-adam', adam.id, adam.id);
} catch (e) { console.log('ERROR', e); }
await browser.close();
await app.close();
