import { setTimeout as sleep } from 'node:timers/promises';
import { beginDrill, type Drill, type GateAnswers, raiseDrill, settleDrill } from '../store/drills.ts';
import { authorizeEffect, beginAttempt } from '../store/effects.ts';
import type { JobDeps } from './deps.ts';

const LOOK_EVERY_MS = 50;

type DrillDeps = Pick<JobDeps, 'rpc' | 'worker' | 'face' | 'chats' | 'log'>;
type Begun = NonNullable<Awaited<ReturnType<typeof beginDrill>>>;
type Dummy = NonNullable<Begun['dummy']>;

/**
 * Lets the gate grant the dummy's effect, raises the generation for the dummy alone, and asks the gate again: as new, and as a worker does
 * that slept between the grant and the sending. There is nothing here that could send. The database measures, and says how it ended.
 */
export async function runDrill(deps: DrillDeps, signal: AbortSignal): Promise<void> {
  const { rpc, worker, face, chats, log } = deps;
  const begun = await beginDrill(rpc, { worker, chatId: chats.admin.chatId });
  if (begun === null) return;
  const drill = begun.dummy === null ? begun.drill : await drillWith(deps, begun.drill.drillId, begun.dummy, signal);
  if (drill === null) return;
  const { drillId, outcome, secondsToHalt, summary } = drill;
  log[outcome === 'failed' ? 'error' : 'info']({ drillId, outcome, secondsToHalt, summary }, 'drill of the emergency stop ended');
  await face.tellDrill(drill, signal);
}

/** Null when the process has to end first: the drill is then found by another worker, as one that was not ended. */
async function drillWith({ rpc }: DrillDeps, drillId: string, dummy: Dummy, signal: AbortSignal): Promise<Drill | null> {
  const question = { ...dummy, target: { chatId: dummy.targetChatId, topicId: null } };
  const { effect } = await authorizeEffect(rpc, question);
  const raised = await raiseDrill(rpc, drillId);
  if (!raised.isRaised) return raised.drill;
  const attempt = effect === null ? null : await beginAttempt(rpc, { effectId: effect.effectId, fence: dummy.fence, part: 1 });
  const again = await authorizeEffect(rpc, question);
  const gate: GateAnswers = { authorize: again.verdict, begin: attempt === null ? null : (attempt.code ?? 'go') };
  for (;;) {
    const { isOver, drill } = await settleDrill(rpc, drillId, gate);
    if (isOver) return drill;
    if (signal.aborted) return null;
    await sleep(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}
