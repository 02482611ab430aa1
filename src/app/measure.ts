import { TASK_STATUSES } from '../domain/status.ts';
import { toAppError } from '../errors.ts';
import type { Rpc } from '../store/rpc.ts';
import { loadSystemStatus } from '../store/system.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

/**
 * Metrics with what only the rows know, looked up when somebody asks. A database that does not answer leaves those figures out: an old
 * number would look like a true one.
 */
export function makeMeasuredMetrics({ metrics, rpc, log }: { metrics: Metrics; rpc: Rpc; log: Logger }): Pick<Metrics, 'render'> {
  async function measure(): Promise<void> {
    const { tasks, inboxPending, effectsInDoubt, requestsOpen } = await loadSystemStatus(rpc);
    for (const status of TASK_STATUSES) metrics.tasks.set({ status }, tasks[status] ?? 0);
    metrics.inboxPending.set(inboxPending);
    metrics.effectsInDoubt.set(effectsInDoubt);
    metrics.requestsOpen.set(requestsOpen);
  }

  return {
    async render() {
      try {
        await measure();
      } catch (thrown) {
        log.warn({ err: toAppError(thrown) }, 'the rows could not be measured');
        for (const gauge of [metrics.tasks, metrics.inboxPending, metrics.effectsInDoubt, metrics.requestsOpen]) gauge.remove();
      }
      return metrics.render();
    },
  };
}
