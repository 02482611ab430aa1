import { z } from 'zod';

/** What one model call used. Money is a decimal string in USD, as the database keeps it. */
export const Usage = z.object({
  engine: z.string(),
  model: z.string(),
  inputTokens: z.number().int().min(0),
  outputTokens: z.number().int().min(0),
  costUsd: z.string().regex(/^\d+(\.\d{1,10})?$/),
  latencyMs: z.number().min(0),
});
export type Usage = z.infer<typeof Usage>;
