import type { ChatRef } from '../domain/message.ts';
import type { ChangeView } from '../store/changes.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { Outbound } from './outbound.ts';
import { code, fmt, toView } from './view.ts';
import type { PolicyFacts } from './views/policy-card.ts';

export interface PolicyFilesDeps {
  shortTerm: ShortTerm;
  outbound: Pick<Outbound, 'sendFile'>;
  adminChat: ChatRef;
}

/** Longer than any proposal waits by default. */
const KEEP_SECONDS = 7 * 24 * 60 * 60;

/** The text of a proposed policy, in the admin group before its card: nobody decides on what they could not read whole. */
export function makePolicyFiles({ shortTerm, outbound, adminChat }: PolicyFilesDeps) {
  return {
    /** Throws telegram_*; the card is then drawn with the next nudge. */
    async sendOnce({ reference }: ChangeView, { source, checksum }: PolicyFacts, signal?: AbortSignal): Promise<void> {
      const key = `policy-file:${reference}`;
      if ((await shortTerm.get(key)) !== null) return;
      const caption = toView(fmt`The policy proposed as ${code(reference)}, checksum ${code(checksum)}`);
      await outbound.sendFile(
        adminChat,
        { name: `policy-${reference}.yaml`, bytes: Buffer.from(source), caption },
        { priority: 'approval', signal },
      );
      await shortTerm.put(key, true, KEEP_SECONDS);
    },
  };
}
