import { afterEach, expect, test } from 'vitest';
import type { ConnectedInboxNews } from '../../src/store/inbox-news.ts';

function makeEar() {
  let heard = 0;
  return {
    hear: () => {
      heard += 1;
    },
    count: () => heard,
  };
}

/** Tells until it is heard: the first words may be spoken before the connection is there. */
async function tellUntilHeard(news: ConnectedInboxNews, ear: ReturnType<typeof makeEar>): Promise<void> {
  const before = ear.count();
  const hear = async () => {
    await news.tell();
    return ear.count();
  };
  await expect.poll(hear, { timeout: 20_000 }).toBeGreaterThan(before);
}

/** What news between processes must do alike. `connect` makes those of one more process, on the same server. */
export function testInboxNews(connect: () => Promise<ConnectedInboxNews>): void {
  const opened: ConnectedInboxNews[] = [];
  const open = async () => {
    const news = await connect();
    opened.push(news);
    return news;
  };
  afterEach(async () => void (await Promise.all(opened.splice(0).map((news) => news.close()))));

  test('a word that one process tells is heard by every listener of all of them', async () => {
    const [teller, other] = [await open(), await open()];
    const ears = [makeEar(), makeEar(), makeEar()] as const;
    await other.listen(ears[0].hear);
    await other.listen(ears[1].hear);
    await teller.listen(ears[2].hear);
    for (const ear of ears) await tellUntilHeard(teller, ear);
  });

  test('who has stopped listening hears nothing any more', async () => {
    const news = await open();
    const [stopped, listening] = [makeEar(), makeEar()];
    const stop = await news.listen(stopped.hear);
    await news.listen(listening.hear);
    await tellUntilHeard(news, listening);
    await stop();
    const before = stopped.count();
    await tellUntilHeard(news, listening);
    expect(stopped.count()).toBe(before);
  });

  test('telling when nobody listens, and after the end, is harmless', async () => {
    const news = await open();
    await news.tell();
    await news.close();
    await news.tell();
  });
}

/** What they must do when the server goes away: `lose` ends every connection, `restore` lets them come back. */
export function testLostInboxNews(
  connect: () => Promise<ConnectedInboxNews>,
  { lose, restore }: { lose(): Promise<void>; restore(): Promise<void> },
): void {
  test('a lost connection throws at nobody, comes back by itself, and whoever may have missed a word is told', async () => {
    const [teller, listener] = [await connect(), await connect()];
    const ear = makeEar();
    await listener.listen(ear.hear);
    await tellUntilHeard(teller, ear);
    await lose();
    await teller.tell();
    const before = ear.count();
    await restore();
    await expect.poll(ear.count, { timeout: 20_000 }).toBeGreaterThan(before);
    await tellUntilHeard(teller, ear);
    await Promise.all([teller.close(), listener.close()]);
  });

  test('closing while the server is away does not hang', async () => {
    const news = await connect();
    await news.listen(() => undefined);
    await lose();
    await news.close();
    await restore();
  });
}
