import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Api } from 'grammy';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeAttachments } from '../../../src/bot/attachments.ts';

const TOKEN = '1:secret';
const BYTES = 'what people attached';
const signal = new AbortController().signal;
/** How the next file is answered. */
let answer: 'whole' | 'broken' | 'refused' = 'whole';

const server = createServer((request, response) => {
  if (request.url?.endsWith('/getFile')) {
    response.setHeader('content-type', 'application/json');
    return response.end(
      JSON.stringify({ ok: true, result: { file_id: 'f', file_unique_id: 'u', file_size: BYTES.length, file_path: 'a.txt' } }),
    );
  }
  if (answer === 'refused') return response.writeHead(502).end();
  response.setHeader('content-length', BYTES.length);
  if (answer === 'whole') return response.end(BYTES);
  // The connection is gone in the middle of the body.
  return response.write(BYTES.slice(0, 5), () => response.destroy());
});
beforeAll(() => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve)));
afterAll(() => new Promise((resolve) => server.close(resolve)));

function load() {
  // A listening server on a port has an address of this form.
  const { port } = server.address() as AddressInfo;
  const apiRoot = `http://127.0.0.1:${port}`;
  const attachments = makeAttachments({ api: new Api(TOKEN, { apiRoot }), apiRoot, token: TOKEN });
  return attachments.load({ kind: 'document', file_id: 'f', name: 'a.txt', size_bytes: null }, signal);
}

test('the whole file', async () => {
  answer = 'whole';
  expect(Buffer.from(await load()).toString()).toBe(BYTES);
});

test.each(['broken', 'refused'] as const)('one whose answer is %s is worth another try, and the address stays unsaid', async (how) => {
  answer = how;
  const failure = await load().catch((thrown: unknown) => thrown);
  expect(failure).toMatchObject({ code: 'telegram_unavailable', retry: 'later' });
  expect(JSON.stringify(failure) + String(failure)).not.toContain('secret');
});
