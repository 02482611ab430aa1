import { makeAnchorNotice } from '../bot/anchor-notice.ts';
import { makeApi, toGrammySignal } from '../bot/api.ts';
import { makeAttachments } from '../bot/attachments.ts';
import { loadBotInfo } from '../bot/bot-info.ts';
import { attemptOnce, toValue } from '../bot/call.ts';
import { makeCards } from '../bot/cards.ts';
import { makeChatNames } from '../bot/chat-names.ts';
import { makeDrillNotice, makeFallbackNotice } from '../bot/drill-notice.ts';
import { makeLocalTime } from '../bot/local-time.ts';
import { makeOutbound } from '../bot/outbound.ts';
import { makeTaskFace } from '../bot/task-face.ts';
import type { Config } from '../config.ts';
import type { AnchorKeeper } from '../jobs/anchors.ts';
import type { Face } from '../jobs/face.ts';
import { openAnchorStore } from '../memory/anchors/open-anchor-store.ts';
import type { Artifacts } from '../memory/artifacts.ts';
import type { Rpc } from '../store/rpc.ts';
import type { ShortTerm } from '../store/short-term.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metrics } from '../telemetry/metrics.ts';

export interface TelegramWayOptions {
  botToken: string;
  apiRoot: string;
  config: Config;
  /** As `ags_bot` or, in a process that only works, as `ags_worker`: both may draw. */
  rpc: Rpc;
  shortTerm: ShortTerm;
  artifacts: Artifacts;
  log: Logger;
  metrics: Metrics;
  /** Ends a start that waits for Telegram. */
  signal: AbortSignal;
}

export type TelegramWay = Awaited<ReturnType<typeof openTelegramWay>>;

/** The way to Telegram that everything in this process shares: who the bot is, what goes out, and what is drawn. */
export async function openTelegramWay(options: TelegramWayOptions) {
  const { botToken, apiRoot, config, rpc, shortTerm, artifacts, log, metrics, signal } = options;
  const clock = () => new Date();
  const api = makeApi({ botToken, apiRoot, metrics });
  const outbound = makeOutbound({ api, log, clock, metrics });
  const findChatName = makeChatNames({ api, log, clock });
  const time = makeLocalTime(config.timezone);
  const shared = { rpc, shortTerm, outbound, adminChat: config.chats.admin, alertChat: config.chats.alert, artifacts, time, clock, log };
  const cards = makeCards({ ...shared, findChatName });
  const face: Face = {
    drawTask: makeTaskFace(shared).drawTask,
    drawCards: cards.draw,
    remind: cards.remind,
    remindChange: cards.remindChange,
    askDoubt: cards.askDoubt,
    showChange: cards.showChange,
    endResumeCards: cards.endResumeCards,
    showIncident: cards.showIncident,
    showRunbook: cards.showRunbook,
    tellDrill: makeDrillNotice(shared),
    tellFallbackCheck: makeFallbackNotice(shared),
  };
  const anchorStore = config.anchorUrl === null ? null : openAnchorStore(config.anchorUrl);
  const anchorKeepers: AnchorKeeper[] = [
    makeAnchorNotice(shared),
    ...(anchorStore === null ? [] : [{ place: 'url' as const, keep: anchorStore.keep }]),
  ];
  return {
    api,
    shared,
    anchorStore,
    anchorKeepers,
    anchorPlaces: anchorKeepers.map(({ place }) => place),
    cards,
    findChatName,
    face,
    messenger: outbound.messenger,
    attachments: makeAttachments({ api, apiRoot, token: botToken }),
    botInfo: await loadBotInfo({ api, log }, signal),
    /** Throws telegram_unavailable when Telegram does not answer, telegram_refused when it does not know the token any more. */
    async ping(aborting: AbortSignal): Promise<void> {
      const call = { method: 'getMe', chatId: null, signal: aborting };
      toValue(await attemptOnce((at) => api.getMe(toGrammySignal(at)), call), call);
    },
    /** There is little time left: it goes to stops and approvals, the rest is done again after the start. */
    drain: () => outbound.drain(),
  };
}
