import type { ChatName, FindChatName } from '../chat-names.ts';
import { bold, code, fmt, type Rich } from '../view.ts';
import { inLine } from './quoted.ts';

/** An effect that was let out and not settled. */
export interface InFlight {
  taskId: string;
  kind: string;
  tier: string;
  targetChatId: number;
}

/** The same with the name of where it goes. */
export type NamedInFlight = InFlight & { target: ChatName };

const MAX_LISTED = 10;
const MAX_NAME = 60;
/** Who asked waits for the answer; a chat whose name takes longer is shown by its id. */
const NAMES_TIMEOUT_MS = 800;

/** Adds the names of those that are going to be listed. Never throws, and never takes long. */
export async function nameTargets(inFlight: readonly InFlight[], findChatName: FindChatName): Promise<NamedInFlight[]> {
  const signal = AbortSignal.timeout(NAMES_TIMEOUT_MS);
  return Promise.all(
    inFlight.map(async (effect, index) => {
      const { targetChatId } = effect;
      return {
        ...effect,
        target: index < MAX_LISTED ? await findChatName(targetChatId, signal) : { title: String(targetChatId), url: null },
      };
    }),
  );
}

/** What may still land although it was stopped or cancelled: with the tier where effects of several tasks stand together. */
export function describeInFlight(inFlight: readonly NamedInFlight[], { isOfOneTask = false } = {}): Rich[] {
  const more = inFlight.length - MAX_LISTED;
  return [
    fmt`${bold('May still land, for it was let out before:')}`,
    ...inFlight.slice(0, MAX_LISTED).map(({ taskId, kind, tier, target }) => {
      const to = inLine(target.title, MAX_NAME);
      return isOfOneTask ? fmt`• ${kind} to ${to}` : fmt`• ${code(taskId)} ${kind} (${tier}) to ${to}`;
    }),
    ...(more > 0 ? [fmt`• and ${more} more`] : []),
  ];
}
