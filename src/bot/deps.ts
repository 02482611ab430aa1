import type { UserFromGetMe } from 'grammy/types';
import type { ChatRef } from '../domain/message.ts';
import type { Artifacts } from '../memory/artifacts.ts';
import type { Deliver } from '../store/delivery.ts';
import type { Rpc } from '../store/rpc.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Cards } from './context.ts';
import type { LocalTime } from './local-time.ts';
import type { Menus } from './menus.ts';
import type { Outbound } from './outbound.ts';

/** What the commands need; all of it is passed in by `main`. */
export interface CommandDeps {
  /** As `ags_bot`. */
  rpc: Rpc;
  outbound: Outbound;
  deliver: Deliver;
  cards: Cards;
  artifacts: Pick<Artifacts, 'prepare'>;
  /** The group where approvals are asked for and stops are announced. */
  adminChat: ChatRef;
  time: LocalTime;
  clock: () => Date;
  log: Logger;
  /** What an operator should know about this installation; shown by `/status`. */
  listWarnings(): Promise<readonly string[]>;
}

export interface BotDeps extends CommandDeps {
  botToken: string;
  botInfo: UserFromGetMe;
  menus: Menus;
  /** The short word that joins what a person read with a line in the log. */
  makeReference?: () => string;
}
