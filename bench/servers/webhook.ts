import { startChild } from '../child.ts';
import { percentile, report } from '../measure.ts';
import { openWorld } from './world.ts';

const PER_SECOND = 200;
const DURATION_S = 20;
/** The first ones open connections and warm the code. */
const WARM_UP_S = 2;
const SECRET = 'a_long-random-word-0123456789';

interface Sending {
  latenciesMs: number[];
  refused: number;
}

/**
 * Updates to one web process at a fixed rate from another process, each a new row of the inbox before it is answered. Each answer's time
 * counts from when the update was due, so that a pause is charged to all that it kept waiting.
 */
export async function measureWebhook(): Promise<boolean[]> {
  await using world = await openWorld();
  const variables = { TELEGRAM_WEBHOOK_URL: 'https://ags.example.com', TELEGRAM_WEBHOOK_SECRET: SECRET };
  const web = await world.start('web', { variables });
  const count = PER_SECOND * (WARM_UP_S + DURATION_S);
  const args = [`${web.url}/webhooks/telegram`, SECRET, String(PER_SECOND), String(count)];
  await using sender = await startChild<Sending>('./servers/webhook-sender.ts', args);
  const { latenciesMs, refused } = sender.ready;
  const [row] = await world.sql('select count(*)::int as count from public.inbox');
  const measured = latenciesMs.slice(PER_SECOND * WARM_UP_S);
  const beside = { p50: percentile(measured, 0.5), max: percentile(measured, 1) };
  return [
    report({
      figure: 'webhook to 200 at 200 updates/s, p99',
      value: percentile(measured, 0.99),
      unit: 'ms',
      goal: 50,
      samples: measured.length,
      beside,
    }),
    report({
      figure: 'webhook: updates refused or without a row',
      value: refused + Math.abs(count - refused - Number(row?.count)),
      unit: 'rows',
      goal: 0,
      samples: count,
    }),
  ];
}
