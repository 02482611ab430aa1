import type { AnchorUrl } from '../../config.ts';
import type { AnchorStore } from './anchor-store.ts';
import { makeFileAnchorStore } from './file-anchors.ts';
import { makeS3AnchorStore } from './s3-anchors.ts';

/** The place that AGS_ANCHOR_URL names. Nothing is asked of it yet. */
export function openAnchorStore(url: AnchorUrl): AnchorStore {
  return url.kind === 'file' ? makeFileAnchorStore(url.directory) : makeS3AnchorStore(url);
}
