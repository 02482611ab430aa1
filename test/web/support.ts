import { makeLogger } from '../../src/telemetry/log.ts';
import { makeMetrics } from '../../src/telemetry/metrics.ts';
import { makeWebApp, type WebAppOptions } from '../../src/web/app.ts';

/** The app with a logger that keeps its lines. */
export function makeApp(options: Partial<WebAppOptions> = {}) {
  const lines: string[] = [];
  const log = makeLogger({ level: 'info', destination: { write: (line: string) => void lines.push(line) } });
  const app = makeWebApp({ checks: {}, metrics: makeMetrics({ hasProcessMetrics: false }), log, ...options });
  return { app, lines };
}
