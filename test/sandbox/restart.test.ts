import { appendFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputFile } from 'grammy';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeMemoryJournal, openFileJournal } from '../../src/sandbox/journal.ts';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import { openStage } from './support.ts';

const { adam, olivia } = PERSONAS;
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ags-sandbox-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe('a restart', () => {
  it('finds messages, files, pins, settings and unacknowledged updates again', async () => {
    const bytes = Buffer.from('kept');
    const before = await openStage({ journal: openFileJournal(directory) });
    before.telegram.start(olivia.id);
    await before.api.setMyCommands([{ command: 'task', description: 'Give a goal' }], { scope: { type: 'chat', chat_id: olivia.id } });
    const sent = await before.api.sendDocument(olivia.id, new InputFile(bytes, 'a.txt'));
    const card = await before.api.sendMessage(CHATS.admin.id, 'card');
    await before.api.editMessageText(CHATS.admin.id, card.message_id, 'card, edited');
    await before.api.pinChatMessage(CHATS.admin.id, card.message_id);
    const pending = before.telegram.pendingUpdates();
    const history = before.telegram.history(CHATS.admin.id);
    await before.listening.close();

    await using after = await openStage({ journal: openFileJournal(directory) });
    expect(after.telegram.history(CHATS.admin.id)).toEqual(history);
    expect(after.telegram.pendingUpdates()).toEqual(pending);
    expect(after.telegram.pinned(CHATS.admin.id)).toEqual([card.message_id]);
    expect(Buffer.from(after.telegram.fileBytes(sent.document.file_id))).toEqual(bytes);
    expect(after.telegram.menu(olivia.id, olivia.id)).toEqual([{ command: 'task', description: 'Give a goal' }]);
    const next = await after.api.sendMessage(CHATS.admin.id, 'next');
    expect(next.message_id).toBeGreaterThan(history.at(-1)?.message_id ?? 0);
    after.telegram.say(adam.id, adam.id, 'later');
    expect(after.telegram.pendingUpdates().at(-1)?.update_id).toBe((pending.at(-1)?.update_id ?? 0) + 1);
  });

  it('cuts off an act that was torn in the middle and goes on', async () => {
    const before = await openStage({ journal: openFileJournal(directory) });
    before.telegram.say(adam.id, adam.id, 'whole');
    await before.listening.close();
    const path = join(directory, 'journal.jsonl');
    appendFileSync(path, '[{"type":"message","stored":{"messa');

    const after = await openStage({ journal: openFileJournal(directory) });
    expect(after.telegram.history(adam.id).map(({ text }) => text)).toEqual(['whole']);
    after.telegram.say(adam.id, adam.id, 'goes on');
    await after.listening.close();
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
    expect(lines.every((line) => Array.isArray(JSON.parse(line)))).toBe(true);
  });

  it('never gives the id of a deleted message again', async () => {
    const journal = makeMemoryJournal();
    const before = await openStage({ journal });
    const last = await before.api.sendMessage(CHATS.signals.id, 'gone');
    await before.api.deleteMessage(CHATS.signals.id, last.message_id);
    await before.listening.close();
    await using after = await openStage({ journal });
    expect((await after.api.sendMessage(CHATS.signals.id, 'new')).message_id).toBe(last.message_id + 1);
  });
});
