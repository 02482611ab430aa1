import { type AnchorPlace, loadAnchorState } from '../store/anchors.ts';
import type { Rpc } from '../store/rpc.ts';

const PLACE_NAMES: Record<AnchorPlace, string> = { chat: 'the admin group', url: 'AGS_ANCHOR_URL' };

/** What an operator should know about audit anchors that cannot be kept, as sentences for `/status`. Places no longer configured do not count. */
export async function listAnchorWarnings(rpc: Rpc, places: readonly AnchorPlace[]): Promise<string[]> {
  const { problems } = await loadAnchorState(rpc);
  return problems
    .filter(({ place }) => places.includes(place))
    .map(({ place, waiting, since, problem }) => {
      const count = waiting === 1 ? '1 audit anchor is' : `${waiting} audit anchors are`;
      return `${count} not kept in ${PLACE_NAMES[place]} since ${since.slice(0, 16).replace('T', ' ')} UTC, it is tried again: ${problem}`;
    });
}
