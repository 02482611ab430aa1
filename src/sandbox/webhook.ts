import type { Webhook } from './changes.ts';
import type { Hub } from './hub.ts';
import type { Update } from './wire.ts';

const MAX_RETRY_DELAY_MS = 60_000;

/**
 * Delivers updates to the webhook while one is set: in order within a chat, side by side across chats, again with growing pauses
 * until the answer is a 2xx. Answers that carry a method call are not carried out.
 */
export interface WebhookDelivery {
  close(): Promise<void>;
}

/** What must stay in order: everything of one chat, else of one person. */
function laneOf(update: Update): string {
  const content = fieldsOf(Object.entries(update).find(([key]) => key !== 'update_id')?.[1]);
  const chat = fieldsOf(content.chat ?? fieldsOf(content.message).chat);
  return String(chat.id ?? fieldsOf(content.from).id ?? 'other');
}

function fieldsOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? Object.fromEntries(Object.entries(value)) : {};
}

export function makeWebhookDelivery(hub: Hub, { firstRetryDelayMs = 1000 }: { firstRetryDelayMs?: number } = {}): WebhookDelivery {
  const busyLanes = new Set<string>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  const pump = (): void => {
    const webhook = hub.state.webhook;
    if (!webhook || stop.signal.aborted) return;
    for (const { update } of [...hub.state.queue]) {
      const lane = laneOf(update);
      if (busyLanes.size >= webhook.maxConnections) return;
      if (busyLanes.has(lane)) continue;
      busyLanes.add(lane);
      const run = deliver(update)
        .catch(() => undefined)
        .finally(() => {
          busyLanes.delete(lane);
          running.delete(run);
          pump();
        });
      running.add(run);
    }
  };

  const deliver = async (update: Update): Promise<void> => {
    let delayMs = firstRetryDelayMs;
    for (;;) {
      const webhook = hub.state.webhook;
      if (!webhook || stop.signal.aborted || !hub.state.queue.some((queued) => queued.update.update_id === update.update_id)) return;
      const failure = await post(webhook, update, stop.signal);
      if (failure === undefined) return hub.commit([{ type: 'update_delivered', updateId: update.update_id }]);
      if (stop.signal.aborted) return;
      hub.commit([
        { type: 'webhook', webhook: { ...(hub.state.webhook ?? webhook), lastErrorAt: hub.now(), lastError: failure.description } },
      ]);
      await pause(failure.retryAfterMs ?? delayMs, stop.signal);
      delayMs = Math.min(delayMs * 2, MAX_RETRY_DELAY_MS);
    }
  };

  const unsubscribe = hub.subscribe((event) => {
    if (event.type === 'changes' && event.changes.some(({ type }) => type === 'update_queued' || type === 'webhook')) pump();
  });
  pump();
  return {
    async close() {
      unsubscribe();
      stop.abort();
      await Promise.allSettled([...running]);
    },
  };
}

async function post(
  webhook: Webhook,
  update: Update,
  signal: AbortSignal,
): Promise<{ description: string; retryAfterMs: number | undefined } | undefined> {
  try {
    const response = await fetch(webhook.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(webhook.secretToken ? { 'x-telegram-bot-api-secret-token': webhook.secretToken } : {}),
      },
      body: JSON.stringify(update),
      signal,
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const retryAfterSeconds = Number(response.headers.get('retry-after'));
    return {
      description: `Wrong response from the webhook: ${response.status} ${response.statusText}`.trim(),
      retryAfterMs: retryAfterSeconds > 0 ? retryAfterSeconds * 1000 : undefined,
    };
  } catch {
    return { description: 'Connection failed', retryAfterMs: undefined };
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, delayMs);
    function done(): void {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    }
    signal.addEventListener('abort', done, { once: true });
  });
}
