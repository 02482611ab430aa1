/**
 * Telegram as a process of its own: `webhook-sender.ts url secret perSecond count [firstId]`. Sends at a fixed rate whether or not the one before was
 * answered, and says how long each answer took from the moment at which it was due.
 */
import { Agent, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { serveParent } from '../child.ts';

interface Sent {
  ms: number;
  status: number;
}

const [url = '', secret = '', perSecond = '', count = '', firstId = '1000000'] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true });
const PEOPLE = 500;
const MAX_TRIES = 3;

/** As a private chat brings it; every person writes now and then. */
function toUpdate(number: number): string {
  const id = 100_000 + (number % PEOPLE);
  const person = { id, is_bot: false, first_name: 'Somebody', username: `somebody_${id}`, language_code: 'en' };
  const chat = { id, type: 'private', first_name: 'Somebody' };
  const text = `Could you tell me how far the notes on item ${number} are?`;
  return JSON.stringify({
    update_id: Number(firstId) + number,
    message: { message_id: number + 1, date: 1_764_000_000, from: person, chat, text },
  });
}

function post(body: string): Promise<number> {
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-telegram-bot-api-secret-token': secret,
  };
  return new Promise((resolve, reject) => {
    const post = request(url, { method: 'POST', agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0));
    });
    post.on('error', reject);
    post.end(body);
  });
}

/** A connection that the other side closes while it is taken up again is nobody's fault: as Telegram does, the update is sent once more. */
async function send(number: number, dueMs: number): Promise<Sent> {
  const body = toUpdate(number);
  for (let tries = 1; ; tries += 1) {
    const status = await post(body).catch(() => 0);
    if (status !== 0 || tries === MAX_TRIES) return { ms: performance.now() - dueMs, status };
  }
}

async function run(): Promise<Sent[]> {
  const startMs = performance.now();
  const sent: Promise<Sent>[] = [];
  for (let number = 0; number < Number(count); number += 1) {
    const dueMs = startMs + (number * 1000) / Number(perSecond);
    const aheadMs = dueMs - performance.now();
    if (aheadMs > 1) await wait(aheadMs);
    sent.push(send(number, dueMs));
  }
  return Promise.all(sent);
}

const sent = await run();
agent.destroy();
serveParent({ latenciesMs: sent.map(({ ms }) => ms), refused: sent.filter(({ status }) => status !== 200).length });
