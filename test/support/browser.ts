import { existsSync } from 'node:fs';
import { type Browser, type BrowserContextOptions, chromium, type Locator, type Page } from 'playwright-core';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Starts the machine's Chromium; a machine without one fails here, with what to install. */
export async function launchBrowser(): Promise<Browser> {
  const executablePath = CHROMIUM.find((path) => existsSync(path));
  if (!executablePath) throw new Error(`the browser tests need Chromium (apt-get install chromium); looked at ${CHROMIUM.join(', ')}`);
  return chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'] });
}

export interface ChatPage {
  page: Page;
  /** Everything the page complained about: script errors, refused resources, failed requests. */
  problems: string[];
  become(personaId: number): Promise<void>;
  open(chatId: number): Promise<void>;
  /** Presses Start in the private chat that is open. */
  start(): Promise<void>;
  say(text: string): Promise<void>;
  /** The newest message whose text contains this. */
  message(text: string | RegExp): Locator;
  /** Presses a button by its label under the newest message that has one. */
  press(label: string | RegExp): Promise<void>;
  toast(): Locator;
  close(): Promise<void>;
}

/** Opens the sandbox page as somebody, as one window of a browser. */
export async function openChatPage(
  browser: Browser,
  pageUrl: string,
  { personaId, chatId, ...options }: BrowserContextOptions & { personaId?: number; chatId?: number } = {},
): Promise<ChatPage> {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text());
  });
  const address = personaId === undefined ? '' : `#/${personaId}${chatId === undefined ? '' : `/${chatId}`}`;
  await page.goto(`${pageUrl}${address}`);
  // Attached, not visible: on a phone the list is behind the open chat.
  await page.locator('[data-testid="chats"] > button').first().waitFor({ state: 'attached' });
  const composer = page.getByTestId('composer');
  return {
    page,
    problems,
    async become(id) {
      await page.getByTestId(`persona-${id}`).click();
      await page.locator(`[data-testid="persona-${id}"][aria-checked="true"]`).waitFor();
    },
    async open(id) {
      await page.getByTestId(`chat-${id}`).click();
      await page.locator(`[data-testid="chat-${id}"][aria-current="true"]`).waitFor({ state: 'attached' });
    },
    async start() {
      await page.getByTestId('start').click();
      await composer.waitFor();
    },
    async say(text) {
      await composer.fill(text);
      await composer.press('Enter');
      // The field empties once the sandbox has taken the message.
      await page.locator('[data-testid="composer"]:placeholder-shown').waitFor();
    },
    message: (text) => page.locator('[data-testid^="message-"]').filter({ hasText: text }).last(),
    async press(label) {
      await page.getByTestId('messages').getByRole('button', { name: label }).last().click();
    },
    toast: () => page.getByTestId('toast').last(),
    close: () => context.close(),
  };
}
