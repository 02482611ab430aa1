import { Agent } from 'node:http';
import { Agent as SecureAgent } from 'node:https';
import { Api } from 'grammy';
import type { Metrics } from '../telemetry/metrics.ts';

export interface ApiOptions {
  botToken: string;
  /** Without a slash at the end. */
  apiRoot: string;
  metrics?: Pick<Metrics, 'telegramCalls'>;
}

/** Longer than a long poll (30 s): only a connection that hangs gets this far. */
const TIMEOUT_SECONDS = 45;
/**
 * A connection that nobody used for so long is closed by this side, or a second before the other side has said that it will. A call that
 * meets the other side's closing has no certain end: people would have to be asked whether it arrived. Without a time of its own, Node
 * does not heed what the other side says.
 */
const IDLE_MS = 15_000;

/** Makes the client of the Bot API, with every call counted. It neither retries nor waits: `outbound` does. */
export function makeApi({ botToken, apiRoot, metrics }: ApiOptions): Api {
  const options = { keepAlive: true, timeout: IDLE_MS };
  const agent = apiRoot.startsWith('https:') ? new SecureAgent(options) : new Agent(options);
  const api = new Api(botToken, { apiRoot, timeoutSeconds: TIMEOUT_SECONDS, baseFetchConfig: { agent, compress: true } });
  if (metrics === undefined) return api;
  api.config.use(async (call, method, payload, signal) => {
    try {
      const answer = await call(method, payload, signal);
      metrics.telegramCalls.inc({ method, outcome: answer.ok ? 'ok' : answer.error_code === 429 ? 'flood' : 'refused' });
      return answer;
    } catch (thrown) {
      metrics.telegramCalls.inc({ method, outcome: 'failed' });
      throw thrown;
    }
  });
  return api;
}

/** grammY's types name the signal of an older library; at run time it takes the platform's own. */
export function toGrammySignal(signal: AbortSignal): Parameters<Api['getMe']>[0] {
  return signal as Parameters<Api['getMe']>[0];
}
