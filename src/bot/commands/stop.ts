import { redactPersonalData } from '../../policy/guards/pii.ts';
import { meetPerson, type Person } from '../../store/people.ts';
import type { Rpc } from '../../store/rpc.ts';
import { listSilentHolders, listWorkers, stopEffects, type WorkerRow } from '../../store/stop.ts';
import { tryAll, tryDeliver } from '../best-effort.ts';
import type { CommandDeps } from '../deps.ts';
import { STOP_TEXTS } from '../errors.ts';
import { greetStranger } from '../greeting.ts';
import { findActorName } from '../names.ts';
import { pinNotice } from '../stop-notices.ts';
import { toView } from '../view.ts';
import { nameTargets } from '../views/in-flight.ts';
import { makeStopReply, type StopFacts } from '../views/stop.ts';
import { waitMs } from '../wait.ts';
import { ANY_ROLE, type Command, type Invocation } from './command.ts';

/**
 * The stop holds from the commit on; this is only how long after the command the answer waits to hear it from the workers. Those that live
 * say so within half a second, and the answer is due within one.
 */
const ACKNOWLEDGEMENT_MS = 700;
const LOOK_EVERY_MS = 50;

export const stop: Command = {
  name: 'stop',
  group: 'Emergency',
  description: 'Emergency stop: no T2 or T3 effect starts; “all” stops everything',
  usage: '/stop [all] [reason]',
  example: '/stop all wrong prices in the channel',
  roles: ANY_ROLE,
  async run(invocation, deps) {
    const { args, asker, chat, message, reply, signal } = invocation;
    const deadlineMs = performance.now() + ACKNOWLEDGEMENT_MS;
    // What follows becomes rows.
    const [, all, reason = ''] = /^(all(?=\s|$))?\s*([\s\S]*)$/i.exec(redactPersonalData(args)) ?? [];
    const scope = all === undefined ? 'effects' : 'all';
    const outcome = await stopEffects(deps.rpc, {
      externalId: asker.externalId,
      reason,
      scope,
      sourceKey: `${message.chat.id}/${message.message_id}`,
    });
    if (outcome.outcome === 'refused' || outcome.stop === undefined) return refuse(invocation, deps);
    const { stop: state, wasStopped = false } = outcome;
    deps.log.warn({ actor: asker.externalId, generation: state.generation, scope: state.scope }, 'emergency stop');
    const [workers, silentHolders, inFlight, firstName] = await Promise.all([
      awaitWorkers(deps.rpc, deadlineMs, signal),
      listSilentHolders(deps.rpc),
      nameTargets(outcome.inFlight, deps.findChatName),
      wasStopped ? findActorName(deps.rpc, state.stoppedBy) : null,
      // Only now that it holds: somebody's first word ever may be this one, and everybody else is going to read the name.
      tryAll(deps.log, [meetAsker(invocation, deps)]),
      tryDeliver(deps, outcome.deliver),
    ]);
    const names = { stoppedBy: firstName ?? asker.displayName, askedBy: asker.displayName };
    const facts = { ...outcome, ...names, inFlight, stop: state, wasStopped, workers, silentHolders, now: deps.clock(), time: deps.time };
    const isNews = !wasStopped || state.scope !== outcome.wasScope;
    await announce(facts, isNews, { chat, reply }, deps);
    // After the answer, which counts most.
    await tryAll(deps.log, [deps.cards.endResumeCards(signal)]);
  },
};

/** Tells whoever asked, always, and the admin group, when it is news; what does not work changes nothing about the stop. */
async function announce(
  facts: StopFacts,
  isNews: boolean,
  { chat, reply }: Pick<Invocation, 'chat' | 'reply'>,
  deps: CommandDeps,
): Promise<void> {
  const { outbound, adminChat, log } = deps;
  const view = toView(makeStopReply(facts));
  const answer = reply(view, { priority: 'urgent' });
  if (!isNews) return tryAll(log, [answer]);
  const notice = chat.chatId === adminChat.chatId ? answer : outbound.send(adminChat, view, { priority: 'urgent' });
  const { stop, stoppedBy, wasStopped } = facts;
  const pinned = notice.then((message) =>
    pinNotice(deps, wasStopped ? 'wider' : 'first', { ...message, stoppedBy, stoppedAt: stop.stoppedAt }),
  );
  await tryAll(log, [answer, pinned]);
}

/** Who has acknowledged by now: at once when all have, else after the time. No signal of life is no acknowledgement. */
async function awaitWorkers(rpc: Rpc, deadlineMs: number, signal: AbortSignal): Promise<WorkerRow[]> {
  for (;;) {
    const workers = await listWorkers(rpc);
    const isComplete = workers.every(({ hasAcknowledged }) => hasAcknowledged);
    if (isComplete || performance.now() + LOOK_EVERY_MS >= deadlineMs) return workers;
    await waitMs(LOOK_EVERY_MS, signal);
  }
}

/** People with a role always hear why; a stranger hears it as often as any other stranger. */
async function refuse(invocation: Invocation, deps: CommandDeps): Promise<void> {
  const person = await meetAsker(invocation, deps);
  if (person.roles.length === 0) return greetStranger(deps.rpc, person, invocation.reply);
  await invocation.reply(toView(STOP_TEXTS.no_role), { priority: 'urgent' });
}

function meetAsker({ asker, message }: Invocation, { rpc }: CommandDeps): Promise<Person> {
  return meetPerson(rpc, { ...asker, username: message.from?.username ?? null, isPrivate: message.chat.type === 'private' });
}
