import { expect, it } from 'vitest';
import { makeMetrics } from '../../src/telemetry/metrics.ts';

it('shows what was counted, under the published names', async () => {
  const metrics = makeMetrics({ hasProcessMetrics: false });
  metrics.tasks.set({ status: 'done' }, 1);
  metrics.steps.inc({ agent: 'critic', outcome: 'done' }, 2);
  metrics.stepSeconds.observe({ agent: 'critic' }, 0.2);
  metrics.effectsInDoubt.set(1);
  metrics.requestsOpen.set(2);
  metrics.effects.inc({ kind: 'post', outcome: 'done' });
  metrics.engineCalls.inc({ engine: 'default', outcome: 'ok' });
  metrics.engineTokens.inc({ engine: 'default', direction: 'in' }, 512);
  metrics.engineCostUsd.inc(0.25);
  metrics.criticScore.observe(8 / 9);
  metrics.telegramCalls.inc({ method: 'sendMessage', outcome: 'ok' });
  metrics.inboxPending.set(3);
  metrics.stopGeneration.set(7);
  metrics.updates.inc();
  const { text, contentType } = await metrics.render();
  expect(contentType).toContain('text/plain');
  for (const line of [
    'ags_tasks{status="done"} 1',
    'ags_steps_total{agent="critic",outcome="done"} 2',
    'ags_step_seconds_bucket{le="0.5",agent="critic"} 1',
    'ags_effects_in_doubt 1',
    'ags_approvals_open 2',
    'ags_effects_total{kind="post",outcome="done"} 1',
    'ags_engine_calls_total{engine="default",outcome="ok"} 1',
    'ags_engine_tokens_total{engine="default",direction="in"} 512',
    'ags_engine_cost_usd_total 0.25',
    'ags_critic_score_count 1',
    'ags_telegram_calls_total{method="sendMessage",outcome="ok"} 1',
    'ags_inbox_pending 3',
    'ags_stop_generation 7',
    'ags_updates_total 1',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});

it('keeps two registries apart and adds the process’s own figures', async () => {
  const [one, other] = [makeMetrics(), makeMetrics({ hasProcessMetrics: false })];
  one.updates.inc(5);
  expect((await other.render()).text).toContain('ags_updates_total 0');
  expect((await one.render()).text).toMatch(/^process_resident_memory_bytes \d+/m);
});
