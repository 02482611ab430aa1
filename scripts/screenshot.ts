/**
 * Makes `docs/sandbox.png` again: the program as a newcomer starts it, a task with material, and the card in the admin group.
 * `node scripts/screenshot.ts`, on a machine with Chromium and a font that has emoji (Debian: fonts-noto-color-emoji).
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CHATS, PERSONAS } from '../src/sandbox/world.ts';
import { type ChatPage, launchBrowser, openChatPage } from '../test/support/browser.ts';
import { startProgram } from '../test/support/program.ts';

const OUTPUT = fileURLToPath(new URL('../docs/sandbox.png', import.meta.url));
/** High enough for the post and its card, then drawn smaller: 1300 × 900 points. */
const LOOK = { viewport: { width: 1640, height: 1135 }, deviceScaleFactor: 1300 / 1640, colorScheme: 'light' } as const;
const GOAL = 'Publish a post about our new opening hours';
const MATERIAL = `From Monday 30 November the shop is open from 9:00 to 17:00 on weekdays.
On Saturdays the shop is open from 10:00 to 14:00 as before.
On Sundays and public holidays it stays closed.
The parking behind the house is being paved until Thursday.`;

async function askWithMaterial(chat: ChatPage): Promise<void> {
  await chat.start();
  const file = { name: 'opening-hours.txt', mimeType: 'text/plain', buffer: Buffer.from(MATERIAL) };
  await chat.page.getByTestId('file-input').setInputFiles(file);
  await chat.say(`/task ${GOAL}`);
}

const directory = await mkdtemp(join(tmpdir(), 'ags-screenshot-'));
const program = startProgram({ DATA_DIR: directory, PORT: '0' });
const browser = await launchBrowser();
try {
  const page = `${await program.started()}/sandbox`;
  const adam = await openChatPage(browser, page, { personaId: PERSONAS.adam.id, chatId: PERSONAS.adam.id });
  const bella = await openChatPage(browser, page, {
    personaId: PERSONAS.bella.id,
    chatId: CHATS.admin.id,
    ...LOOK,
  });
  await askWithMaterial(adam);
  await bella.message('Approve?').waitFor();
  await bella.page.screenshot({ path: OUTPUT, animations: 'disabled' });
} finally {
  await browser.close();
  program.signal('SIGTERM');
  await program.ended;
  await rm(directory, { recursive: true, force: true });
}
