import type { CallRecord } from '../engines/attempt.ts';
import type { Breakers } from '../engines/breaker.ts';
import type { Engine } from '../engines/engine.ts';
import { resolveEndpoints } from '../engines/resolve.ts';
import { makeEngines } from '../engines/routing.ts';
import { makeEngineSlots } from '../engines/slots.ts';
import { AppError } from '../errors.ts';
import type { PolicyInUse } from '../jobs/deps.ts';
import { parsePolicy } from '../policy/parse.ts';
import { raiseIncident } from '../store/incidents.ts';
import { findPolicy } from '../store/policies.ts';
import type { Rpc } from '../store/rpc.ts';

export interface PolicyLoaderOptions {
  rpc: Rpc;
  /** The environment, for the variables that a policy names. */
  env: Record<string, string | undefined>;
  /** Answers when no model server is configured. */
  rehearsal: Engine;
  onCall: (record: CallRecord) => void;
  breakers: Breakers;
}

/** Reads a policy version once, with the engines that it names. A version never changes, so it is kept for good. */
export function makePolicyLoader({
  rpc,
  env,
  rehearsal,
  onCall,
  breakers,
}: PolicyLoaderOptions): (version: number) => Promise<PolicyInUse> {
  const loaded = new Map<number, Promise<PolicyInUse>>();
  // One engine is the same under every version.
  const slots = makeEngineSlots();

  async function load(version: number): Promise<PolicyInUse> {
    const row = await findPolicy(rpc, version);
    if (row === null) throw new AppError('not_found', `there is no policy version ${version}`);
    const { policy, checksum } = parsePolicy(row.source);
    if (checksum !== row.checksum) {
      const title = `policy version ${version} does not match its checksum`;
      await raiseIncident(rpc, { kind: 'row_tampered', key: `policy:${version}`, severity: 'critical', title, evidence: { version } });
      throw new AppError('policy_invalid', title);
    }
    const endpoints = resolveEndpoints(policy.engines, env);
    if (endpoints.length === 0) return { policy, engineFor: () => rehearsal, tryFallback: skipTrial };
    const engines = makeEngines({ endpoints, routing: policy.routing, onCall, breakers, slots });
    return { policy, engineFor: (budget) => engines.forStep(budget), tryFallback: engines.tryFallback };
  }

  return (version) => {
    const known = loaded.get(version) ?? load(version);
    loaded.set(version, known);
    // A failure is not kept: the database may answer the next time.
    known.catch(() => loaded.delete(version));
    return known;
  };
}

const skipTrial: PolicyInUse['tryFallback'] = async () => ({ outcome: 'skipped', detail: 'no model server is configured' });
