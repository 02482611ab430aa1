import type { FailureKind, ReceivedCall } from './telegram.ts';

/** Enough for the longest test; a demonstration that runs for weeks must not grow. */
const MAX_CALLS = 10_000;

export interface Ledger {
  open(method: string, params: Record<string, unknown>, injected: FailureKind | undefined): ReceivedCall;
  list(method?: string): ReceivedCall[];
}

export function makeLedger({ clock }: { clock: () => Date }): Ledger {
  let calls: ReceivedCall[] = [];
  let lastSeq = 0;
  return {
    open(method, params, injected) {
      const call: ReceivedCall = {
        seq: ++lastSeq,
        method,
        params,
        receivedAt: clock(),
        answeredAt: undefined,
        status: undefined,
        result: undefined,
        error: undefined,
        retryAfter: undefined,
        injected,
      };
      if (calls.length >= MAX_CALLS) calls = calls.slice(-MAX_CALLS / 2);
      calls.push(call);
      return call;
    },
    list: (method) => (method === undefined ? [...calls] : calls.filter((call) => call.method === method)),
  };
}
