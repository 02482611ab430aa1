import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { CHATS, PERSONAS, SANDBOX_BOT } from '../../src/sandbox/world.ts';
import { openStage, type Stage } from './support.ts';

const { adam, max } = PERSONAS;

/** `fetch` sets Host and Origin itself; this says exactly what a hostile page or name would. */
function ask(
  stage: Stage,
  path: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const options = {
      host: '127.0.0.1',
      port: stage.listening.port,
      path,
      method,
      headers: { host: `127.0.0.1:${stage.listening.port}`, ...headers },
    };
    const outgoing = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
    });
    outgoing.once('error', reject);
    outgoing.end(body);
  });
}

const act = (stage: Stage, name: string, input: unknown, headers: Record<string, string> = {}) =>
  ask(stage, `/sandbox/api/${name}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: `http://127.0.0.1:${stage.listening.port}`, ...headers },
    body: JSON.stringify(input),
  });

describe('the chat page', () => {
  it('answers this machine under its own names only', async () => {
    await using stage = await openStage();
    expect((await ask(stage, '/sandbox')).status).toBe(200);
    expect((await ask(stage, '/sandbox', { headers: { host: `localhost:${stage.listening.port}` } })).status).toBe(200);
    expect((await ask(stage, '/sandbox', { headers: { host: 'rebound.example:8080' } })).status).toBe(403);
    expect((await ask(stage, '/sandbox/api/world', { headers: { origin: 'https://evil.example' } })).status).toBe(403);
    const poll = `/sandbox/telegram/bot${SANDBOX_BOT.token}/getMe`;
    expect((await ask(stage, poll)).status).toBe(200);
    expect((await ask(stage, poll, { headers: { 'sec-fetch-site': 'cross-site' } })).status).toBe(403);
    expect((await stage.sandbox.app.request('/sandbox', { headers: { host: '127.0.0.1' } })).status).toBe(403);
  });

  it('lets only itself change something', async () => {
    await using stage = await openStage();
    const input = { persona: adam.id, chatId: adam.id, text: 'hello' };
    expect((await act(stage, 'say', input, { 'content-type': 'text/plain' })).status).toBe(403);
    expect((await act(stage, 'say', input, { origin: 'http://127.0.0.1:1' })).status).toBe(403);
    expect((await act(stage, 'say', input, { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(
      (
        await ask(stage, '/sandbox/api/say', {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(input),
        })
      ).status,
    ).toBe(403);
    expect(stage.telegram.history(adam.id)).toEqual([]);
    expect((await act(stage, 'say', input)).status).toBe(200);
    expect(stage.telegram.history(adam.id).map(({ text }) => text)).toEqual(['hello']);
  });

  it('shows a person only the chats they are in', async () => {
    await using stage = await openStage();
    const chats: { id: number }[] = JSON.parse((await ask(stage, `/sandbox/api/chats?persona=${max.id}`)).text);
    expect(chats.map(({ id }) => id)).toEqual([max.id, CHATS.signals.id, CHATS.vip.id]);
    expect((await ask(stage, `/sandbox/api/chats/${CHATS.admin.id}?persona=${max.id}`)).status).toBe(404);
    expect((await act(stage, 'say', { persona: max.id, chatId: CHATS.admin.id, text: 'x' })).status).toBe(403);
    expect((await act(stage, 'say', { persona: max.id })).status).toBe(400);
  });

  it('is found from the address alone', async () => {
    await using stage = await openStage();
    const response = await fetch(new URL('/', stage.listening.pageUrl), { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, '/sandbox']);
  });

  it('serves its own files and no others, under a strict content policy', async () => {
    await using stage = await openStage();
    const response = await fetch(stage.listening.pageUrl);
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; script-src 'self'/);
    for (const name of ['app.js', 'chat.js', 'base.css', 'icon.svg'])
      expect((await ask(stage, `/sandbox/assets/${name}`)).status).toBe(200);
    for (const name of ['..%2Fsandbox.ts', 'index.html', 'nothing.js'])
      expect((await ask(stage, `/sandbox/assets/${name}`)).status).toBe(404);
  });

  it('offers what is no picture for download only', async () => {
    await using stage = await openStage();
    const said = stage.telegram.say(adam.id, adam.id, '', {
      document: { fileName: 'x.html', mimeType: 'text/html', bytes: Buffer.from('<script>1</script>') },
    });
    const response = await fetch(`${stage.listening.pageUrl}/api/files/${said.document?.file_id}`);
    expect(response.headers.get('content-type')).toBe('application/octet-stream');
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    await response.body?.cancel();
  });

  it('tells an open page what happens, and lets go of it', async () => {
    const stage = await openStage();
    const response = await fetch(`${stage.listening.pageUrl}/api/events?persona=${adam.id}`);
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let seen = '';
    const readUntil = async (text: string): Promise<void> => {
      while (!seen.includes(text)) {
        const part = await reader?.read();
        if (!part || part.done) throw new Error(`the stream ended before ${text}: ${seen}`);
        seen += part.value;
      }
    };
    await readUntil('event: ready');
    await stage.api.sendMessage(CHATS.vip.id, 'not for Adam');
    await stage.api.sendMessage(adam.id, 'for Adam');
    await readUntil('for Adam');
    expect(seen).not.toContain('not for Adam');
    await stage.listening.close();
    await expect(
      (async () => {
        for (;;) if ((await reader?.read())?.done) return 'ended';
      })().catch(() => 'ended'),
    ).resolves.toBe('ended');
  });
});
