import { AppError } from '../errors.ts';
import type { CallRecord, RoutedEngine } from './attempt.ts';
import { type Breakers, NO_BREAKERS } from './breaker.ts';
import { makeChat } from './chat.ts';
import { type EngineEndpoint, makeClient, toEngineError, toPublicUrl } from './client.ts';
import type { Budget, Engine } from './engine.ts';
import { type Pace, realPace } from './retry.ts';
import { makeRoutedEngine } from './routed-engine.ts';
import { type EngineSlots, makeEngineSlots } from './slots.ts';
import { type EngineFault, type FallbackTrial, tryFallback } from './try-fallback.ts';

export interface EnginesConfig {
  endpoints: EngineEndpoint[];
  /** Agent name → engine names in order, and no others; `default` for whoever is not named. As in the policy. */
  routing: Record<string, string[]>;
  onCall?: (record: CallRecord) => void;
  pace?: Pace;
  breakers?: Breakers;
  /** Of the process; of these engines alone when left out. */
  slots?: EngineSlots;
}

export interface EngineState {
  engine: string;
  isReachable: boolean;
  /** A status or an error code; for people who look after the program. */
  detail: string;
}

export interface EngineDescription {
  engine: string;
  model: string;
  /** Without credentials. */
  baseUrl: string;
  hasKey: boolean;
}

export interface Engines {
  /** An engine whose calls are all paid from this step's budget. */
  forStep(budget: Budget): Engine;
  /** Asks a small question along the default route as if its first engine had this fault. Throws only `aborted`. */
  tryFallback(fault: EngineFault, budget: Budget, signal: AbortSignal): Promise<FallbackTrial>;
  describe(): EngineDescription[];
  /** Asks every server for its list of models. Never throws. */
  check(signal: AbortSignal): Promise<EngineState[]>;
}

const CHECK_TIMEOUT_MS = 5_000;

/** Builds the engines once per policy version; cheap, opens nothing until the first call. Throws config_invalid when no route leads to an engine. */
export function makeEngines(config: EnginesConfig): Engines {
  const { endpoints, routing, onCall = () => {}, pace = realPace, breakers = NO_BREAKERS, slots = makeEngineSlots() } = config;
  const engines = new Map<string, RoutedEngine>(endpoints.map((endpoint) => [endpoint.name, { endpoint, chat: makeChat(endpoint) }]));
  const toRoute = makeRouter(engines, routing);
  return {
    forStep: (budget) => makeRoutedEngine({ toRoute, budget, pace, breakers, slots, onCall }),
    tryFallback: (fault, budget, signal) => tryFallback({ route: toRoute('default'), fault, budget, pace, breakers, signal }),
    describe: () =>
      endpoints.map(({ name, model, baseUrl, apiKey }) => ({
        engine: name,
        model,
        baseUrl: toPublicUrl(baseUrl),
        hasKey: apiKey !== null,
      })),
    check: (signal) => Promise.all(endpoints.map((endpoint) => checkEndpoint(endpoint, signal))),
  };
}

/** Agents are named `critic` or, with a version, `critic:v2`. An engine that is not configured is passed over. */
function makeRouter(engines: Map<string, RoutedEngine>, routing: Record<string, string[]>): (agent: string) => RoutedEngine[] {
  const toEngines = (names: string[] | undefined): RoutedEngine[] => (names ?? []).flatMap((name) => engines.get(name) ?? []);
  const fallback = toEngines(routing.default);
  const routes = new Map(Object.entries(routing).map(([agent, names]) => [agent, toEngines(names)]));
  if (fallback.length === 0) {
    const names = (routing.default ?? []).join(', ');
    throw new AppError('config_invalid', `No engine of the default route (${names}) is configured: set its base URL or its key`);
  }
  // A route of its own is all that an agent may use: with nothing configured on it, the agent has no engine, and never another one's key.
  return (agent) => routes.get(agent.split(':')[0] ?? agent) ?? fallback;
}

async function checkEndpoint(endpoint: EngineEndpoint, signal: AbortSignal): Promise<EngineState> {
  const engine = endpoint.name;
  try {
    const client = await makeClient(endpoint)();
    await client.get('/models', { signal, timeout: CHECK_TIMEOUT_MS });
    return { engine, isReachable: true, detail: 'ok' };
  } catch (thrown) {
    const error = await toEngineError(thrown, { engine, signal });
    // A server without that list still answers; one that does not know the key is of no use.
    const isReachable = error.context.status === 404 || error.context.status === 405 || error.context.cause === 'answer_is_not_json';
    return { engine, isReachable, detail: `${error.code}${error.context.status ? ` ${error.context.status}` : ''}` };
  }
}
