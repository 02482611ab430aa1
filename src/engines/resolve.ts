import { AppError } from '../errors.ts';
import type { EngineEndpoint } from './client.ts';

/** An engine as the policy describes it: where to look, not what stands there. */
export interface EngineSpec {
  base_url_env: string;
  key_env: string;
  model: string;
  model_env?: string | undefined;
  usd_per_mtok: { in: string; out: string };
}

const OPENAI_BASE_URL = 'https://api.openai.com/v1';
const DEFAULT_TIMEOUT_MS = 60_000;

/**
 * The program's own secrets. A policy names the variable that holds a key, and that key is sent to the model server: it must not be
 * able to send these.
 */
const OWN_VARIABLES =
  /^(TELEGRAM_|SUPABASE_|DATABASE_URL$|MIGRATE_DATABASE_URL$|REDIS_URL$|TRADINGVIEW_|PAYMENTS_|TON_|OTEL_|AGS_(?!MODEL)|DATA_DIR$)/;

/**
 * Looks up base URL, key and model of the policy's engines. An engine with neither base URL nor key is not configured and left out;
 * with none left the rehearsal engine answers. Throws config_invalid for a URL that is none or a variable that no engine may read.
 */
export function resolveEndpoints(
  specs: Record<string, EngineSpec>,
  env: Record<string, string | undefined>,
  { timeoutMs = DEFAULT_TIMEOUT_MS }: { timeoutMs?: number } = {},
): EngineEndpoint[] {
  const read = (variable: string | undefined): string | null => (variable && env[variable]?.trim()) || null;
  return Object.entries(specs).flatMap(([name, spec]) => {
    for (const variable of [spec.base_url_env, spec.key_env, spec.model_env ?? '']) assertReadable(name, variable);
    const baseUrl = read(spec.base_url_env);
    const apiKey = read(spec.key_env);
    if (baseUrl === null && apiKey === null) return [];
    const model = read(spec.model_env) ?? spec.model;
    return [{ name, baseUrl: parseBaseUrl(name, baseUrl ?? OPENAI_BASE_URL), apiKey, model, usdPerMtok: spec.usd_per_mtok, timeoutMs }];
  });
}

function assertReadable(engine: string, variable: string): void {
  if (OWN_VARIABLES.test(variable)) {
    throw new AppError('config_invalid', `engines.${engine}: ${variable} belongs to the program itself, an engine may not read it`);
  }
}

function parseBaseUrl(engine: string, text: string): string {
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol)) return text;
  // The value is not repeated: it may hold a password.
  throw new AppError('config_invalid', `engines.${engine}: the base URL must be an http(s) address such as http://127.0.0.1:11434/v1`);
}
