import type { UserFromGetMe } from 'grammy/types';
import type { ChatRef } from '../domain/message.ts';
import type { AnchorStore } from '../memory/anchors/anchor-store.ts';
import type { Artifacts } from '../memory/artifacts.ts';
import type { Deliver } from '../store/delivery.ts';
import type { Rpc } from '../store/rpc.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { Logger } from '../telemetry/log.ts';
import type { CardFactsDeps } from './card-facts.ts';
import type { Cards } from './cards.ts';
import type { FindChatName } from './chat-names.ts';
import type { LocalTime } from './local-time.ts';
import type { Menus } from './menus.ts';
import type { Outbound } from './outbound.ts';
import type { Attachments } from './reply-file.ts';

/** What the commands need; all of it is passed in by `main`. */
export interface CommandDeps {
  /** As `ags_bot`. */
  rpc: Rpc;
  shortTerm: ShortTerm;
  outbound: Outbound;
  deliver: Deliver;
  cards: Pick<Cards, 'draw' | 'drawChange' | 'showRunbook' | 'endResumeCards'>;
  artifacts: Pick<Artifacts, 'prepare'>;
  attachments: Attachments;
  /** Where copies of the audit's anchors stand outside the database; null when no such place is configured. */
  anchorStore: AnchorStore | null;
  /** The group where approvals are asked for and stops are announced. */
  adminChat: ChatRef;
  findChatName: FindChatName;
  time: LocalTime;
  clock: () => Date;
  log: Logger;
  /** What an operator should know about this installation; shown by `/status`. */
  listWarnings(): Promise<readonly string[]>;
}

/** What the bot as a whole needs: the commands' part, the cards' part, and who it is. */
export interface BotDeps extends CommandDeps, CardFactsDeps {
  botToken: string;
  botInfo: UserFromGetMe;
  artifacts: Artifacts;
  cards: Cards;
  /** The chats that the configuration names. */
  ownChatIds: readonly number[];
  menus: Menus;
  /** The short word that joins what a person read with a line in the log. */
  makeReference?: () => string;
}
