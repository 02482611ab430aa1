import type { Failure, FailureKind } from './telegram.ts';

export interface FailurePlan {
  add(failure: Failure): void;
  clear(): void;
  /** The failure planned for this call, used up once. */
  take(method: string, chatId: number | undefined): FailureKind | undefined;
}

export function makeFailurePlan(): FailurePlan {
  let planned: (Failure & { left: number })[] = [];
  return {
    add: (failure) => void planned.push({ ...failure, left: failure.times ?? 1 }),
    clear: () => {
      planned = [];
    },
    take(method, chatId) {
      const fits = (failure: Failure): boolean =>
        (failure.method === undefined || failure.method.toLowerCase() === method.toLowerCase()) &&
        (failure.chatId === undefined || failure.chatId === chatId);
      const found = planned.find(fits);
      if (!found) return undefined;
      found.left -= 1;
      if (found.left <= 0) planned = planned.filter((failure) => failure !== found);
      return found.as;
    },
  };
}
