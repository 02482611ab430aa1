import type { AppError } from '../errors.ts';

/** How updates come in: by polling or by webhook. */
export interface UpdateSource {
  /** For `/ready`: why none come in at the moment, or null. */
  problem(): AppError | null;
  /** For `/status`: sentences about what somebody should look after, although updates come in. */
  warnings(): readonly string[];
  /** Nothing more is taken in once it resolves. What has been stored is told to Telegram, where it wants to be told. */
  close(): Promise<void>;
}
