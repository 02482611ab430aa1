import { z } from 'zod';

/** Where in what a task was given something seems to give orders to a model, and what gave it away: names of the filter's signals. */
export const InjectionFinding = z.object({ where: z.string().max(200), signals: z.array(z.string()) });
export type InjectionFinding = z.infer<typeof InjectionFinding>;
