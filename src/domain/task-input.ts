import { z } from 'zod';

/** A file that came with a task. Its bytes are fetched by the worker, from whoever gave the id. */
export const Attachment = z.object({
  kind: z.enum(['photo', 'document']),
  file_id: z.string(),
  name: z.string().max(200),
  size_bytes: z.number().int().min(0).nullable(),
});
export type Attachment = z.infer<typeof Attachment>;

/**
 * What a person asked for, in their own words: the content of a task's `input` artifact. The row of the task holds the goal masked; the
 * vault here gives the placeholders their values back.
 */
export const TaskInput = z.object({
  goal: z.string(),
  vault: z.record(z.string(), z.string()),
  /** Texts that came along: the message replied to, a caption. */
  context: z.array(z.object({ title: z.string(), origin: z.enum(['requester', 'outside']), text: z.string() })),
  attachments: z.array(Attachment),
});
export type TaskInput = z.infer<typeof TaskInput>;
