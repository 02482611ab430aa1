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

/** Makes the client of the Bot API, with every call counted. It neither retries nor waits: `outbound` does. */
export function makeApi({ botToken, apiRoot, metrics }: ApiOptions): Api {
  const api = new Api(botToken, { apiRoot, timeoutSeconds: TIMEOUT_SECONDS });
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
