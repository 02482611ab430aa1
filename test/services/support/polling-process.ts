/** A bot process reduced to how it takes updates in: says `polling`, `waiting` or `trouble` whenever that changes, and ends on SIGTERM. */
import { makeApi } from '../../../src/bot/api.ts';
import { makeIntake } from '../../../src/bot/intake.ts';
import { startPolling } from '../../../src/bot/polling.ts';
import { SANDBOX_BOT } from '../../../src/sandbox/world.ts';
import { makeRpc } from '../../../src/store/rpc.ts';
import { makePostgresTransport } from '../../../src/store/transports/postgres.ts';
import { makeLogger } from '../../../src/telemetry/log.ts';
import { makeMetrics } from '../../../src/telemetry/metrics.ts';

const LOOK_EVERY_MS = 20;
const [connectionString = '', apiRoot = '', worker = ''] = process.argv.slice(2);

const transport = makePostgresTransport({ connectionString, roles: ['ags_bot'] });
const source = startPolling({
  api: makeApi({ botToken: SANDBOX_BOT.token, apiRoot }),
  rpc: makeRpc(transport, 'ags_bot'),
  worker,
  intake: makeIntake({ botUsername: SANDBOX_BOT.username }),
  onStored: () => undefined,
  log: makeLogger({ level: 'info', destination: { write: (line) => void process.stderr.write(line) } }),
  metrics: makeMetrics({ hasProcessMetrics: false }),
});

function describe(): string {
  const problem = source.problem();
  if (problem === null) return 'polling';
  return problem.code === 'not_its_turn' ? 'waiting' : 'trouble';
}

let said = '';
const looking = setInterval(() => {
  const state = describe();
  if (state !== said) process.stdout.write(`${state}\n`);
  said = state;
}, LOOK_EVERY_MS);

process.once('SIGTERM', async () => {
  await source.close();
  clearInterval(looking);
  await transport.close();
});
