import { z } from 'zod';
import { sha256, toCanonicalJson } from './ids.ts';
import { MoneyOrder } from './order.ts';

/** A Telegram message entity, in UTF-16 code units, as the Bot API spells it. */
export const Entity = z.object({
  type: z.enum(['bold', 'italic', 'underline', 'strikethrough', 'code', 'pre', 'text_link', 'blockquote', 'expandable_blockquote']),
  offset: z.number().int().min(0),
  length: z.number().int().min(1),
  url: z.string().optional(),
  language: z.string().optional(),
});
export type Entity = z.infer<typeof Entity>;

export const TextPart = z.object({ kind: z.literal('text'), text: z.string().min(1).max(4096), entities: z.array(Entity) });
/** A picture: its bytes are an artifact of their own, named by checksum. */
export const PhotoPart = z.object({
  kind: z.literal('photo'),
  media_checksum: z.string().regex(/^[0-9a-f]{64}$/),
  media_ref: z.string(),
  text: z.string().max(1024),
  entities: z.array(Entity),
});
export const PostPart = z.discriminatedUnion('kind', [TextPart, PhotoPart]);
export type PostPart = z.infer<typeof PostPart>;

/**
 * What will be sent, whole: target and topic, then each message in order. Its canonical JSON is the artifact that the critic judges,
 * that people approve and that is sent; its checksum therefore covers text, entities, media, target and order.
 */
export const Post = z.object({
  target: z.object({ chat_id: z.number().int(), topic_id: z.number().int().nullable() }),
  parts: z.array(PostPart).min(1).max(30),
  /** The money that is moved, where any is; what the parts say about it is for people, this is what counts. */
  order: MoneyOrder.optional(),
});
export type Post = z.infer<typeof Post>;

export function toPostJson(post: Post): string {
  return toCanonicalJson(post);
}

export function toPostChecksum(post: Post): string {
  return sha256(toPostJson(post));
}
