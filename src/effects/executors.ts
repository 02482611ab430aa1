import { listActions } from '../domain/actions.ts';

/**
 * The outside acts that this program can carry out. A plan that needs another one is refused when it is planned: TRADE and PAYMENT come
 * with their flows. The database asks for this list and decides.
 */
export const EXECUTORS: readonly string[] = listActions('post');
