import { z } from 'zod';
import { EngineName, EnvironmentName, Money } from './scalars.ts';

/** One model server. Addresses and keys come from the environment by name; the policy holds no secret. */
const EngineRule = z.strictObject({
  base_url_env: EnvironmentName,
  key_env: EnvironmentName,
  model: z.string().min(1).max(120),
  /** A variable that overrides `model`. */
  model_env: EnvironmentName.optional(),
  /** US dollars per million tokens. */
  usd_per_mtok: z.strictObject({ in: Money, out: Money }),
});

export const Engines = z
  .record(EngineName, EngineRule)
  .refine((engines) => Object.hasOwn(engines, 'default'), 'needs an engine named default');

/** Engines in the order in which they are tried, per agent; `default` for those not named. */
const Route = z.array(EngineName).min(1).max(5);

export const DEFAULT_ENGINES = {
  default: {
    base_url_env: 'OPENAI_BASE_URL',
    key_env: 'OPENAI_API_KEY',
    model: 'gpt-5-mini',
    model_env: 'AGS_MODEL',
    usd_per_mtok: { in: '0.40', out: '1.60' },
  },
  fast: {
    base_url_env: 'OPENAI_BASE_URL',
    key_env: 'OPENAI_API_KEY',
    model: 'gpt-5-nano',
    model_env: 'AGS_MODEL_FAST',
    usd_per_mtok: { in: '0.10', out: '0.40' },
  },
};

const RouteName = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'expected an agent’s name or default');

export const Routing = z.record(RouteName, Route).refine((routing) => Object.hasOwn(routing, 'default'), 'needs a route named default');

/** What is routed when the policy does not say: the default engine, then `fast` where there is one; the critic never on the fast one. */
export function makeDefaultRouting(engineNames: readonly string[]): Record<string, string[]> {
  return { default: ['default', 'fast'].filter((name) => engineNames.includes(name)), critic: ['default'] };
}

export interface RuleFault {
  path: (string | number)[];
  message: string;
}

/** What ties two sections together: a route names engines that exist and agents of this policy. */
export function listRoutingFaults(routing: Record<string, string[]>, engines: readonly string[], agents: readonly string[]): RuleFault[] {
  return Object.entries(routing).flatMap(([name, route]) => {
    const faults: RuleFault[] = route.flatMap((engine, index) => {
      if (!engines.includes(engine)) return [{ path: ['routing', name, index], message: `there is no engine named ${engine}` }];
      return route.indexOf(engine) < index ? [{ path: ['routing', name, index], message: `${engine} stands here twice` }] : [];
    });
    const isKnown = name === 'default' || agents.includes(name);
    return isKnown ? faults : [{ path: ['routing', name], message: 'there is no agent of this name in this policy' }, ...faults];
  });
}
