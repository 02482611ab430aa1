import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Locator } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { type ChatPage, launchBrowser, openChatPage } from '../support/browser.ts';
import { type Program, startProgram } from '../support/program.ts';

const { adam, bella, rita, sam } = PERSONAS;
const REFERENCE = /\bT2-[A-HJ-NP-Z2-9]{4,}\b/;

let browser: Browser;
let directory: string;
let program: Program;
let url: string;
/** The windows of the story that is being told, and what those of all stories complained about. */
let pages: ChatPage[] = [];
const problems: string[] = [];

/** As a newcomer starts it: nothing is configured but where the data lie and the port, so that the page is found again. */
async function start(port = '0'): Promise<void> {
  program = startProgram({ DATA_DIR: directory, PORT: port });
  url = await program.started();
}

async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
  program.signal(signal);
  return program.ended;
}

beforeAll(async () => {
  [browser, directory] = await Promise.all([launchBrowser(), mkdtemp(join(tmpdir(), 'ags-browser-'))]);
  await start();
});
afterAll(async () => {
  await browser.close();
  await end('SIGTERM');
  await rm(directory, { recursive: true, force: true });
});

afterEach(async () => {
  problems.push(...pages.flatMap((page) => page.problems));
  await Promise.all(pages.map((page) => page.close()));
  pages = [];
});

async function be(persona: { id: number }, chat: { id: number } = persona): Promise<ChatPage> {
  const page = await openChatPage(browser, `${url}/sandbox`, { personaId: persona.id, chatId: chat.id });
  pages.push(page);
  return page;
}

const textsOf = (chat: ChatPage) => chat.page.getByTestId('messages').locator('.text').allInnerTexts();

/** The texts without how long ago and how long until: those go on. */
const lookAt = async (chat: ChatPage) => (await textsOf(chat)).map((text) => text.replace(/\d+ \w+ so far|\(in [^)]*\)/g, ''));

const greetings = async (chat: ChatPage) => (await textsOf(chat)).filter((text) => text.includes('I do not know you')).length;

/** Adam asks for a post; resolves when its card stands in the admin group. */
async function ask(from: ChatPage, inAdmin: ChatPage, goal: string) {
  await from.say(`/task ${goal}`);
  const asking = inAdmin.message('Approve?').filter({ hasText: `“${goal}”` });
  await asking.waitFor();
  const [reference = ''] = REFERENCE.exec((await asking.textContent()) ?? '') ?? [];
  return { card: await keep(asking), task: await keep(from.message(new RegExp(`T-[\\d-]+ · ${goal}`))), reference };
}

/** The same message whatever it says later: others quote it, and it changes. */
async function keep(message: Locator): Promise<Locator> {
  return message.page().locator(`[data-message="${await message.getAttribute('data-message')}"]`);
}

/** Presses a button of that card, wherever newer messages stand. */
const pressOn = (card: Locator, label: string) => card.getByRole('button', { name: label }).click();

describe('the program as a newcomer starts it', () => {
  it('plans in one message, asks in the admin group, and publishes what was approved', async () => {
    const mine = await be(adam);
    await mine.start();
    await mine.message('You are an operator here').waitFor();
    const admin = await be(bella, CHATS.admin);
    const goal = 'Publish a post about our new opening hours: 9 to 5 from Monday';
    // What the one message says over time, as somebody who watches it sees it.
    await mine.page.evaluate(`{
      globalThis.seen = new Set();
      const look = () => document.querySelectorAll('[data-testid^="text-"]').forEach((text) => /^T-.* · Publish/.test(text.textContent) && globalThis.seen.add(text.textContent));
      new MutationObserver(look).observe(document.body, { childList: true, subtree: true, characterData: true });
    }`);
    const { card, task, reference } = await ask(mine, admin, goal);
    await task.filter({ hasText: 'waits for approval' }).filter({ hasText: reference }).waitFor();
    const seen = await mine.page.evaluate<string[]>('[...globalThis.seen]');
    expect(seen[0]).toContain('planning');
    expect(seen.length).toBeGreaterThan(1);
    expect((await textsOf(mine)).filter((text) => text.includes(` · ${goal}`))).toHaveLength(1);
    expect(await card.textContent()).toMatch(/Critic \d\/9/);

    const [staged = ''] = await textsOf(admin);
    expect(staged).toContain('Rehearsal, no AI');
    await pressOn(card, 'Approve');
    await admin.toast().filter({ hasText: 'Approved: it goes out now.' }).waitFor();
    await card.filter({ hasText: 'Done: PUBLISH to AGS Signals' }).filter({ hasText: 'operator ✓ Bella' }).waitFor();
    expect(await card.getByRole('button', { name: 'Approve' }).count()).toBe(0);
    await task.filter({ hasText: '✅ done' }).waitFor();
    await admin.open(CHATS.signals.id);
    await admin.message(/opening hours/).waitFor();
    expect(await textsOf(admin)).toEqual([staged]);
  });

  it('publishes the new text after an edit, and only under its new reference', async () => {
    const [mine, admin] = [await be(adam), await be(bella, CHATS.admin)];
    const { card, reference } = await ask(mine, admin, 'Announce the winter sale in the channel');
    await pressOn(card, 'Edit');
    await admin.page
      .getByTestId('composer-bar')
      .filter({ hasText: `new text of ${reference}` })
      .waitFor();
    await admin.say('The winter sale begins on 1 December.');
    await card
      .filter({ hasText: `Replaces ${reference} (edited): earlier decisions are void.` })
      .filter({ hasText: 'Approve?' })
      .waitFor();
    await admin.say(`/approve ${reference} yes`);
    await admin.message(`${reference} was replaced by`).waitFor();
    await pressOn(card, 'Approve');
    await card.filter({ hasText: 'Done' }).waitFor();
    const signals = await be(sam, CHATS.signals);
    expect((await textsOf(signals)).at(-1)).toBe('The winter sale begins on 1 December.');
  });

  it('publishes nothing after a rejection, and tells why', async () => {
    const [mine, admin, signals] = [await be(adam), await be(bella, CHATS.admin), await be(sam, CHATS.signals)];
    const before = await textsOf(signals);
    const { card, task } = await ask(mine, admin, 'Publish a post about the summer party');
    await pressOn(card, 'Reject');
    await admin.page.getByTestId('composer-bar').filter({ hasText: 'why do you reject' }).waitFor();
    await admin.say('The date is missing.');
    await card.filter({ hasText: 'Rejected' }).filter({ hasText: 'The date is missing.' }).waitFor();
    await task.filter({ hasText: 'Rejected: The date is missing.' }).waitFor();
    expect(await textsOf(signals)).toEqual(before);
  });

  it('answers a reviewer who presses, and shows a stranger nothing of it', async () => {
    const [mine, admin] = [await be(adam), await be(rita, CHATS.admin)];
    const { card } = await ask(mine, admin, 'Publish a post about the new price list');
    await pressOn(card, 'Approve');
    await admin.page.getByTestId('alert-text').filter({ hasText: 'You hold no role that may decide this' }).waitFor();
    await card.filter({ hasText: 'operator waiting' }).waitFor();
    const stranger = await be(sam);
    expect(await stranger.page.getByTestId(`chat-${CHATS.admin.id}`).count()).toBe(0);
    await stranger.start();
    await stranger
      .message('I do not know you')
      .filter({ hasText: String(sam.id) })
      .waitFor();
    await stranger.say('/tasks');
    await stranger.say('/status');
    await stranger.say('/start');
    // One polite answer, then silence; /start is always answered, and comes after what was passed over.
    await expect.poll(() => greetings(stranger)).toBe(2);
    expect((await textsOf(stranger)).join()).not.toContain('T-20');
  });

  it('is all there after a reload, a restart and a kill, and goes on', async () => {
    const [mine, admin] = [await be(adam), await be(bella, CHATS.admin)];
    const { card, task, reference } = await ask(mine, admin, 'Publish a post about the spring fair');
    await task.filter({ hasText: `${reference}: waits for operator` }).waitFor();
    const before = { mine: await lookAt(mine), admin: await lookAt(admin) };
    await admin.page.reload();
    await card.waitFor();
    expect(await lookAt(admin)).toEqual(before.admin);

    const { port } = new URL(url);
    expect(await end('SIGTERM')).toBe(0);
    await admin.page.locator('.app.is-offline').waitFor();
    await start(port);
    await admin.page.locator('.app:not(.is-offline)').waitFor();
    await end('SIGKILL');
    await start(port);
    await Promise.all([mine.page.reload(), admin.page.reload()]);
    await Promise.all([task.waitFor(), card.waitFor()]);
    expect({ mine: await lookAt(mine), admin: await lookAt(admin) }).toEqual(before);

    await pressOn(card, 'Approve');
    await card.filter({ hasText: 'Done' }).waitFor();
    await task.filter({ hasText: '✅ done' }).waitFor();
    await admin.open(CHATS.signals.id);
    await admin.message(/spring fair/i).waitFor();
  });

  it('never gave the browser a reason to complain', () => {
    // Lost connections while the program was away are what the last story is about.
    expect(problems.filter((problem) => !problem.includes('net::ERR_'))).toEqual([]);
  });
});
