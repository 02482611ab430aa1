import { AppError } from '../errors.ts';
import type { IncomingUpdate } from '../store/inbox.ts';

/** What makes a row of an update and tells of it. */
export interface WebhookInletParts {
  intake(payload: unknown): IncomingUpdate | null;
  onStored(): void;
}

/** Between the route, which has to be there before the server listens, and the bot, which starts after it. */
export interface WebhookInlet extends WebhookInletParts {
  open(parts: WebhookInletParts): void;
}

/** Until it is opened an update is answered with 503, so that Telegram sends it again. */
export function makeWebhookInlet(): WebhookInlet {
  let opened: WebhookInletParts | null = null;
  return {
    open(parts) {
      opened = parts;
    },
    intake(payload) {
      if (opened === null) throw new AppError('telegram_unavailable', 'the bot has not started yet, updates have to wait');
      return opened.intake(payload);
    },
    onStored: () => opened?.onStored(),
  };
}
