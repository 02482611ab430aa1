import { setTimeout as wait } from 'node:timers/promises';
import type { SandboxTelegram } from '../../src/sandbox/telegram.ts';
import { CHATS, PERSONAS } from '../../src/sandbox/world.ts';
import type { ServerWorld } from '../servers/world.ts';
import { runPostsUnder } from './under.ts';
import type { Verdict } from './verdict.ts';

const PAUSE_MS = 6_000;
const STOPPED_MS = 5_000;
const ANSWER_LIMIT_MS = 30_000;
/** From the command to its answer, which says that nothing more is granted. */
const STOP_LIMIT_S = 2;

/** Somebody stops everything in the midst of the work; two people let it go on. */
export async function stopInTheMidst({ tasks }: { tasks: number }): Promise<Verdict> {
  let seconds = Number.NaN;
  let late = 0;
  const verdict = await runPostsUnder({ tasks }, async ({ world }) => {
    const { telegram } = world;
    await wait(PAUSE_MS);
    const startMs = performance.now();
    await ask(telegram, PERSONAS.rita.id, '/stop a drill');
    seconds = (performance.now() - startMs) / 1000;
    const answeredAt = new Date();
    const inFlight = await countStarted(world);
    await wait(STOPPED_MS);
    const left = telegram
      .calls('copyMessage')
      .filter(({ params, receivedAt }) => params.chat_id === CHATS.signals.id && receivedAt > answeredAt);
    late = Math.max(0, left.length - inFlight) + (await countGranted(world));
    await ask(telegram, PERSONAS.adam.id, '/resume');
    await ask(telegram, PERSONAS.olivia.id, '/resume');
    return [];
  });
  return {
    ...verdict,
    violations: { ...verdict.violations, effects_after_the_stop: late },
    limits: { ...verdict.limits, seconds_to_stop: { value: seconds, most: STOP_LIMIT_S } },
  };
}

async function ask(telegram: SandboxTelegram, personaId: number, text: string): Promise<void> {
  const said = telegram.say(personaId, personaId, text);
  await telegram.waitForMessage(personaId, ({ reply_to_message: asked }) => asked?.message_id === said.message_id, {
    timeoutMs: ANSWER_LIMIT_MS,
    what: `an answer to ${text}`,
  });
}

/** What the answer names as what may still land. */
const countStarted = async ({ sql }: Pick<ServerWorld, 'sql'>): Promise<number> =>
  Number((await sql(`select count(*) from public.effect_attempts where status = 'started'`))[0]?.count);

const countGranted = async ({ sql }: Pick<ServerWorld, 'sql'>): Promise<number> =>
  Number((await sql('select count(*) from public.effects where granted_at > (select max(stopped_at) from public.stops)'))[0]?.count);
