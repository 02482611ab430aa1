import { raiseIncident } from '../store/incidents.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import { tryAll } from './best-effort.ts';

/** Two processes may meet for some seconds in a deploy; after half a minute of it nobody's deploy is the reason. */
const EVERY_TRIES = 10;

/** Tells people when somebody else keeps taking this bot's updates, and again every half minute while it lasts. */
export function makeConflictAlert({ rpc, log }: { rpc: Rpc; log: Logger }): (tries: number) => Promise<void> {
  return async (tries) => {
    if (tries % EVERY_TRIES !== 0) return;
    const title = 'somebody else takes this bot’s updates with the same token';
    await tryAll(log, [raiseIncident(rpc, { kind: 'token_conflict', key: 'token', severity: 'critical', title, evidence: { tries } })]);
  };
}
